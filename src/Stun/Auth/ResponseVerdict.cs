namespace Stun;

/// <summary>What a credential mechanism says about a response (RFC 8489 §9.1.4, §9.2.5).</summary>
public enum ResponseVerdict
{
    /// <summary>It is to be processed: it was authenticated, or the request asked for no authentication.</summary>
    Accepted,

    /// <summary>It is to be treated as if it had never been received: retransmissions go on.</summary>
    Ignored,

    /// <summary>
    /// As <see cref="Ignored"/>, because it was not authenticated: if the transaction ends without another response, signal that the
    /// integrity protection was violated, not a timeout.
    /// </summary>
    IntegrityIgnored,

    /// <summary>The transaction is over at once, and the integrity protection was violated (only over reliable transports).</summary>
    IntegrityViolated,

    /// <summary>The request is to be made again as a new transaction, signed anew: the server gave a challenge or a fresh nonce.</summary>
    Retry,

    /// <summary>The transaction is over: the server does not take these credentials.</summary>
    CredentialsRefused,

    /// <summary>The transaction is over: someone took security features out of the server's challenge, or the challenge cannot be met.</summary>
    ChallengeRefused,
}
