using Stun;

namespace Turn;

/// <summary>What is needed to answer a request, also later.</summary>
/// <param name="Path">Where the request came from.</param>
/// <param name="Method">Its method.</param>
/// <param name="Id">Its transaction id.</param>
/// <param name="HasFingerprint">Whether the answer carries one too.</param>
/// <param name="Auth">Who sent it, and how the answer is signed.</param>
internal readonly record struct RequestContext(FiveTuple Path, StunMethod Method, TransactionId Id, bool HasFingerprint, TurnAuthentication Auth)
{
    public string User => Auth.Result.User ?? "";
}
