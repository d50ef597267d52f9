using Stun;

namespace Turn;

/// <summary>How a request was authenticated: kept with it until its response. The default value is that of a request without authentication.</summary>
/// <param name="LongTerm">The stamp of a long-term credential.</param>
/// <param name="Token">The access token whose key signed the request; null without one.</param>
/// <param name="Generation">Which of the server's challenges it answers, in their order.</param>
internal readonly record struct RequestSignature(RequestStamp LongTerm, OAuthAccessToken? Token, int Generation)
{
    public bool IsSigned => Token is not null || LongTerm.Integrity != StunIntegrity.None;

    /// <summary>Secrets stay out of texts.</summary>
    public override string ToString() => IsSigned ? "signed" : "not signed";
}
