using Stun;

namespace Turn;

/// <summary>Signs requests and checks responses: with a long-term credential (RFC 8489 §9.2), an access token (RFC 7635), or not at all.</summary>
internal sealed class Authenticator
{
    private readonly LongTermCredential? _credential;
    private readonly bool _followsUnsigned;
    private LongTermClient? _longTerm;
    private OAuthClient? _oauth;

    // A challenge answers all requests that were under way when it came, not only the one that it came to.
    private int _generation;

    public Authenticator(TurnClientOptions options, Instant now)
    {
        _credential = options.Credential;
        _followsUnsigned = options.FollowUnauthenticatedRedirects;
        if (options.AccessToken is not null || options.ThirdPartyAuthorization)
            _oauth = new OAuthClient(options.AccessToken, now);
        Reset();
    }

    /// <summary>Whether nothing can be sent until the owner gives an access token.</summary>
    public bool AwaitsToken => _oauth is { AwaitsToken: true };

    /// <summary>Whether a response of this server was authenticated: it knows the password, or the token's key.</summary>
    public bool HasAuthenticated { get; private set; }

    /// <summary>When <see cref="TakeTokenRequest"/> may have something to say.</summary>
    public Instant NextTimeout => _oauth?.NextTimeout ?? Instant.Never;

    /// <summary>Forgets what a server asked for: another one is talked to.</summary>
    public void Reset()
    {
        _generation++;
        HasAuthenticated = false;
        // RFC 8489 §10: "That request, if authenticated, MUST utilize the same credentials that the client would have used in the request to
        // the server that performed the redirection."
        _longTerm = _credential is null ? null : new LongTermClient(_credential) { PrefersSha256 = true };
        _oauth?.Reset();
    }

    /// <summary>Takes a token that the owner got; it is used for what is sent from now on.</summary>
    public void SetToken(OAuthAccessToken token, Instant now)
    {
        if (_oauth is null)
            _oauth = new OAuthClient(token, now);
        else
            _oauth.SetToken(token, now);
    }

    /// <summary>Whether the owner is to be asked for a token, and for which server. Once for each time one is needed.</summary>
    public string? TakeTokenRequest(Instant now) => _oauth?.TakeTokenRequest(now);

    /// <summary>Adds what the server asked for: nothing before its first challenge.</summary>
    /// <param name="writer">The request; only FINGERPRINT can follow.</param>
    /// <param name="withToken">Whether it is one of the requests that carry the token itself.</param>
    public RequestSignature Sign(ref StunWriter writer, bool withToken)
    {
        if (_oauth is { IsActive: true })
            return new RequestSignature(default, _oauth.Sign(ref writer, withToken), _generation);
        return _longTerm is null ? default : new RequestSignature(_longTerm.Sign(ref writer), null, _generation);
    }

    /// <summary>Checks a response whose transaction id matched, and learns from a challenge.</summary>
    public ResponseVerdict Check(scoped in StunMessage response, RequestSignature signature, bool reliable)
    {
        int code = 0;
        if (response.Class == StunClass.ErrorResponse)
            _ = response.TryGetErrorCode(out code, out _);
        // The nonce that this request was signed with has been replaced since: try with the one at hand, which nobody has refused yet.
        if (code == StunErrorCode.StaleNonce && signature.IsSigned && signature.Generation != _generation)
            return ResponseVerdict.Retry;
        // RFC 8489 §14.8: "receivers MUST validate the MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 of this response before redirecting
        // themselves to an alternate server." What answers a request without authentication cannot be validated.
        if (code == StunErrorCode.TryAlternate && !signature.IsSigned)
            return _followsUnsigned ? ResponseVerdict.Accepted : reliable ? ResponseVerdict.IntegrityViolated : ResponseVerdict.IntegrityIgnored;
        ResponseVerdict verdict = CheckByMechanism(response, signature, code, reliable);
        if (verdict == ResponseVerdict.Retry)
            _generation++;
        HasAuthenticated |= verdict == ResponseVerdict.Accepted && signature.IsSigned;
        return verdict;
    }

    private ResponseVerdict CheckByMechanism(scoped in StunMessage response, RequestSignature signature, int code, bool reliable)
    {
        if (signature.Token is not null)
            return _oauth!.Check(response, signature.Token, code, reliable);
        // RFC 7635 §6.1: "If the client is able to comprehend THIRD-PARTY-AUTHORIZATION, it MUST ensure that third-party authorization takes
        // precedence over first-party authentication"
        if (code == StunErrorCode.Unauthenticated && !signature.IsSigned && _oauth is not null && response.Has(StunAttributeType.ThirdPartyAuthorization))
            return _oauth.Begin(response);
        if (_longTerm is not null)
            return _longTerm.Check(response, signature.LongTerm, reliable);
        // Without credentials no challenge can be answered, and no response be checked.
        return code is StunErrorCode.Unauthenticated or StunErrorCode.StaleNonce ? ResponseVerdict.CredentialsRefused : ResponseVerdict.Accepted;
    }
}
