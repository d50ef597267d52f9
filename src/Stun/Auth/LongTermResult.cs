namespace Stun;

/// <summary>What <see cref="LongTermServer"/> found out about a request.</summary>
/// <param name="ErrorCode">0 when the request is authenticated, otherwise 400, 401 or 438.</param>
/// <param name="User">The user; empty unless authenticated.</param>
/// <param name="Key">The key with which the response is signed; null unless authenticated.</param>
/// <param name="Integrity">The attribute with which the response is signed.</param>
public readonly record struct LongTermResult(int ErrorCode, string User, StunKey? Key, StunIntegrity Integrity)
{
    /// <summary>Whether the request is authenticated.</summary>
    public bool IsAuthenticated => ErrorCode == 0 && Key is not null;
}
