using Stun;

namespace Turn;

/// <summary>Who sent a request: long-term credentials (RFC 8489 §9.2), access tokens (RFC 7635), or nobody in particular. Keeps nothing per request.</summary>
internal sealed class TurnAuthenticator
{
    // A key id is not a username: whoever has a password may not pass for the clients of an authorization server of the same name.
    private const string UserPrefix = "token:";

    private readonly TurnUsers? _users;
    private readonly TurnTokenAuthority? _tokens;
    private readonly LongTermServer? _server;
    private readonly NonceIssuer _nonces;
    private readonly DateTimeOffset _timeOrigin;

    public TurnAuthenticator(TurnServerCoreOptions options, EntropySource entropy)
    {
        _tokens = options.Tokens;
        _timeOrigin = options.TimeOrigin;
        _nonces = new NonceIssuer(entropy, options.NonceLifetime);
        _users = options.Users ?? (_tokens is null ? null : new TurnUsers(_tokens.ServerName, [], []));
        if (_users is not null)
            _server = new LongTermServer(_users.Realm, _users, _nonces, [PasswordAlgorithm.Sha256, PasswordAlgorithm.Md5], options.UsernameAnonymity);
    }

    /// <summary>Whether requests need credentials.</summary>
    public bool IsRequired => _server is not null;

    /// <summary>Whether ACCESS-TOKEN is understood.</summary>
    public bool TakesTokens => _tokens is not null;

    /// <summary>Checks a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="allocation">The allocation that it is about, if there is one: its client may go on without the token.</param>
    /// <param name="now">The time.</param>
    public TurnAuthentication Check(scoped in StunMessage request, TransportAddress source, Allocation? allocation, Instant now)
    {
        if (_server is null)
            return new TurnAuthentication(default, TimeSpan.MaxValue, null);
        if (_tokens is not null && (request.HasMessageIntegrity || request.HasMessageIntegritySha256))
        {
            if (request.TryGetAccessToken(out ReadOnlySpan<byte> token))
                return CheckToken(request, token, source, now);
            // RFC 7635 §9: "The TURN client MUST include the ACCESS-TOKEN attribute only in Allocate and Refresh requests."
            if (allocation?.Credentials is { KeyId: { } keyId } held && request.TryGetText(StunAttributeType.Username, out string name) && name == keyId)
                return CheckKey(request, keyId, held.Result.Key!, held.MaxLifetime, source, now);
        }

        _users!.BeginCheck(TimeOfDay(now), request.Method == StunMethod.Allocate);
        return new TurnAuthentication(_server.Check(request, source, now), TimeSpan.MaxValue, null);
    }

    /// <summary>Writes what follows from a failed check into an error response.</summary>
    public void WriteError(ref StunWriter writer, LongTermResult result, TransportAddress source, Instant now)
    {
        _server!.WriteError(ref writer, result, source, now);
        // RFC 7635 §4: "The STUN server also includes the additional STUN attribute THIRD-PARTY-AUTHORIZATION, which signals the STUN client
        // that the STUN server supports third-party authorization."
        if (_tokens is not null && result.ErrorCode == StunErrorCode.Unauthenticated)
            writer.AddThirdPartyAuthorization(_tokens.ServerName);
    }

    private TurnAuthentication CheckToken(scoped in StunMessage request, ReadOnlySpan<byte> token, TransportAddress source, Instant now)
    {
        if (!request.TryGet(StunAttributeType.Username, out ReadOnlySpan<byte> keyId))
            return Refuse(StunErrorCode.BadRequest);
        if (!_tokens!.TryOpen(keyId, token, out string kid, out OAuthTokenContent? content))
            return Refuse(StunErrorCode.Unauthenticated);
        // RFC 7635 §7: "If the timestamp is NOT within the boundaries, then the STUN server discards the request with error response 401
        // (Unauthorized)."
        TimeSpan remaining = content!.GetRemaining(TimeOfDay(now));
        if (remaining <= TimeSpan.Zero)
            return Refuse(StunErrorCode.Unauthenticated);
        return CheckKey(request, kid, new StunKey(content.MacKey), remaining, source, now);
    }

    private TurnAuthentication CheckKey(scoped in StunMessage request, string keyId, StunKey key, TimeSpan maxLifetime, TransportAddress source, Instant now)
    {
        // RFC 7635 §7: "performs checks listed in Section 10.2.2 of [RFC5389] in addition to the following steps"
        if (!request.Has(StunAttributeType.Realm) || !request.TryGet(StunAttributeType.Nonce, out ReadOnlySpan<byte> nonce))
            return Refuse(StunErrorCode.BadRequest);
        bool right = request.HasMessageIntegritySha256 ? request.VerifyMessageIntegritySha256(key) : request.VerifyMessageIntegrity(key);
        if (!right)
            return Refuse(StunErrorCode.Unauthenticated);
        if (!NonceCookie.TryRead(nonce, out _) || !_nonces.IsValid(nonce[NonceCookie.Length..], source, now))
            return Refuse(StunErrorCode.StaleNonce);
        // RFC 7635 §7: "Any response generated by the server MUST include the MESSAGE-INTEGRITY attribute, computed using the mac_key."
        StunIntegrity integrity = request.HasMessageIntegritySha256 ? StunIntegrity.Sha256 : StunIntegrity.Sha1;
        return new TurnAuthentication(new LongTermResult(0, UserPrefix + keyId, key, integrity), maxLifetime, keyId);
    }

    private static TurnAuthentication Refuse(int code) => new(new LongTermResult(code, "", null, StunIntegrity.None), TimeSpan.Zero, null);

    private DateTimeOffset TimeOfDay(Instant now) => _timeOrigin + now.SinceOrigin;
}
