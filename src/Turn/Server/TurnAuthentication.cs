using Stun;

namespace Turn;

/// <summary>What <see cref="TurnAuthenticator"/> found out about a request.</summary>
/// <param name="Result">Who sent it, or the error code.</param>
/// <param name="MaxLifetime">The longest lifetime that the credentials allow.</param>
/// <param name="KeyId">The kid of an access token; null with other credentials.</param>
internal readonly record struct TurnAuthentication(LongTermResult Result, TimeSpan MaxLifetime, string? KeyId)
{
    /// <summary>Whether the request is to be processed; where nobody is asked for credentials, every one is.</summary>
    public bool IsPassed => Result.ErrorCode == 0;
}
