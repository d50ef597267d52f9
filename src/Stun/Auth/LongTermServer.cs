using System.Text;

namespace Stun;

/// <summary>The server's side of the long-term credential mechanism (RFC 8489 §9.2.4), with its bid-down protection.</summary>
/// <remarks>It keeps no state per request. As thread-safe as the users and the nonce issuer that it was given.</remarks>
public sealed class LongTermServer
{
    private readonly ILongTermUsers _users;
    private readonly INonceIssuer _nonces;
    private readonly byte[] _realmUtf8;
    private readonly byte[] _algorithms;
    private readonly StunSecurityFeatures _features;

    /// <summary>Makes a server's mechanism.</summary>
    /// <param name="realm">The realm, by recommendation the domain name of the provider; fewer than 128 characters.</param>
    /// <param name="users">Who may use the server.</param>
    /// <param name="nonces">Makes the nonces.</param>
    /// <param name="algorithms">The password algorithms in preferential order; at least one.</param>
    /// <param name="anonymity">Whether the server can find users by USERHASH.</param>
    public LongTermServer(string realm, ILongTermUsers users, INonceIssuer nonces, ReadOnlySpan<PasswordAlgorithm> algorithms, bool anonymity)
    {
        ArgumentNullException.ThrowIfNull(users);
        ArgumentNullException.ThrowIfNull(nonces);
        if (algorithms.IsEmpty)
            throw new ArgumentException("A server supports at least one password algorithm: SHA-256, and MD5 for clients of RFC 5389.", nameof(algorithms));
        // RFC 8489 §14.10: "The NONCE attribute MUST be fewer than 128 characters"
        if (nonces.MaxLength is < 1 or > StunText.MaxCharacters - NonceCookie.Length)
            throw new ArgumentException($"A nonce has 1 to {StunText.MaxCharacters - NonceCookie.Length} characters besides its cookie.", nameof(nonces));
        Realm = OpaqueString.Enforce(realm);
        _ = StunText.Check(StunAttributeType.Realm, Realm);
        _realmUtf8 = Encoding.UTF8.GetBytes(Realm);
        _users = users;
        _nonces = nonces;
        _algorithms = PasswordAlgorithmList.Encode(algorithms);
        // RFC 8489 §9.2.4: "If the server adds a PASSWORD-ALGORITHMS attribute, it MUST set the STUN Security Feature "Password
        // algorithms" bit to 1."
        _features = StunSecurityFeatures.PasswordAlgorithms | (anonymity ? StunSecurityFeatures.UsernameAnonymity : 0);
    }

    /// <summary>The realm.</summary>
    public string Realm { get; }

    /// <summary>Checks a request, in the RFC's order.</summary>
    /// <param name="request">The request.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="now">The time.</param>
    public LongTermResult Check(scoped in StunMessage request, TransportAddress source, Instant now)
    {
        // RFC 8489 §9.2.4: "If the message does not contain a MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 attribute, the server MUST
        // generate an error response with an error code of 401 (Unauthenticated)."
        if (request.Integrity == StunIntegrity.None)
            return Refuse(StunErrorCode.Unauthenticated);
        bool named = request.TryGet(StunAttributeType.Username, out ReadOnlySpan<byte> username);
        // RFC 8489 §9.2.4: "If the message contains a MESSAGE-INTEGRITY or a MESSAGE-INTEGRITY-SHA256 attribute, but is missing either the
        // USERNAME or USERHASH, REALM, or NONCE attribute, the server MUST generate an error response with an error code of 400 (Bad
        // Request)."
        if ((!named && !request.Has(StunAttributeType.UserHash)) || !request.Has(StunAttributeType.Realm)
            || !request.TryGet(StunAttributeType.Nonce, out ReadOnlySpan<byte> nonce)
            || !TryChooseAlgorithm(request, nonce, out PasswordAlgorithm algorithm, out bool legacy))
            return Refuse(StunErrorCode.BadRequest);
        string user = "";
        StunKey? key = named ? _users.FindByName(username, algorithm, out user)
            : request.TryGetUserHash(out ReadOnlySpan<byte> hash) ? _users.FindByHash(hash, algorithm, out user) : null;
        // RFC 8489 §9.2.4: "If the value of the USERNAME or USERHASH attribute is not valid, the server MUST generate an error response
        // with an error code of 401 (Unauthenticated)."
        if (key is null || !(request.HasMessageIntegritySha256 ? request.VerifyMessageIntegritySha256(key) : request.VerifyMessageIntegrity(key)))
            return Refuse(StunErrorCode.Unauthenticated);
        // RFC 8489 §9.2.4: "If the NONCE is no longer valid, the server MUST generate an error response with an error code of 438 (Stale
        // Nonce)."
        if (!IsNonceValid(nonce, source, now))
            return Refuse(StunErrorCode.StaleNonce);
        // RFC 8489 §9.2.4: "In that case, the MESSAGE-INTEGRITY attribute MUST be used instead of the MESSAGE-INTEGRITY-SHA256 attribute"
        return new LongTermResult(0, user, key, legacy ? StunIntegrity.Sha1 : StunIntegrity.Sha256);
    }

    /// <summary>Adds what an error response needs so that the client can do better: ERROR-CODE, and REALM, NONCE and PASSWORD-ALGORITHMS with 401 and 438.</summary>
    /// <param name="writer">The error response; only FINGERPRINT and attributes without integrity can follow.</param>
    /// <param name="result">What <see cref="Check"/> said.</param>
    /// <param name="source">Where the request came from.</param>
    /// <param name="now">The time.</param>
    public void WriteError(ref StunWriter writer, LongTermResult result, TransportAddress source, Instant now)
    {
        if (result.IsAuthenticated)
            throw new ArgumentException("The request is authenticated: there is no error to report.", nameof(result));
        writer.AddErrorCode(result.ErrorCode);
        // RFC 8489 §9.2.4: "This response SHOULD NOT include a USERNAME, USERHASH, NONCE, or REALM attribute."
        if (result.ErrorCode == StunErrorCode.BadRequest)
            return;
        // RFC 8489 §9.2.4: "This response MUST include a REALM value. The response MUST include a NONCE, selected by the server."
        writer.Add(StunAttributeType.Realm, _realmUtf8);
        Span<byte> nonce = stackalloc byte[StunText.MaxCharacters];
        NonceCookie.Write(_features, nonce);
        int length = NonceCookie.Length + _nonces.Write(nonce[NonceCookie.Length..], source, now);
        writer.Add(StunAttributeType.Nonce, nonce[..length]);
        writer.Add(StunAttributeType.PasswordAlgorithms, _algorithms);
    }

    /// <summary>Adds the integrity attribute to the response to an authenticated request, be it success or error.</summary>
    /// <param name="writer">The response; only FINGERPRINT can follow.</param>
    /// <param name="result">What <see cref="Check"/> said.</param>
    public static void Sign(ref StunWriter writer, LongTermResult result)
    {
        if (result.Key is null)
            throw new ArgumentException("The request is not authenticated: call WriteError instead.", nameof(result));
        if (result.Integrity == StunIntegrity.Sha1)
            writer.AddMessageIntegrity(result.Key);
        else
            writer.AddMessageIntegritySha256(result.Key);
    }

    private static LongTermResult Refuse(int code) => new(code, "", null, StunIntegrity.None);

    private bool TryChooseAlgorithm(scoped in StunMessage request, ReadOnlySpan<byte> nonce, out PasswordAlgorithm algorithm, out bool legacy)
    {
        algorithm = PasswordAlgorithm.Md5;
        bool hasOne = request.TryGet(StunAttributeType.PasswordAlgorithm, out ReadOnlySpan<byte> one);
        bool hasList = request.TryGet(StunAttributeType.PasswordAlgorithms, out ReadOnlySpan<byte> list);
        bool cookie = NonceCookie.TryRead(nonce, out StunSecurityFeatures features) && features.HasFlag(StunSecurityFeatures.PasswordAlgorithms);
        // RFC 8489 §9.2.4: "If the request contains neither the PASSWORD-ALGORITHMS nor the PASSWORD-ALGORITHM algorithm, then the request
        // is processed as though PASSWORD-ALGORITHM were MD5."
        legacy = !hasOne && !hasList;
        if (!cookie || legacy)
            return true;
        // RFC 8489 §9.2.4: "Otherwise, unless (1) PASSWORD-ALGORITHM and PASSWORD-ALGORITHMS are both present, (2) PASSWORD-ALGORITHMS
        // matches the value sent in the response that sent this NONCE, and (3) PASSWORD-ALGORITHM matches one of the entries in
        // PASSWORD-ALGORITHMS, the server MUST generate an error response with an error code of 400 (Bad Request)."
        return hasOne && hasList && list.SequenceEqual(_algorithms)
            && PasswordAlgorithmList.TryReadOne(one, out algorithm) && PasswordAlgorithmList.Contains(list, algorithm);
    }

    private bool IsNonceValid(ReadOnlySpan<byte> nonce, TransportAddress source, Instant now) =>
        // A nonce without the cookie, or with other features in it, was not sent by this server: someone on the path lowered the bid.
        NonceCookie.TryRead(nonce, out StunSecurityFeatures features) && features == _features
            && _nonces.IsValid(nonce[NonceCookie.Length..], source, now);
}
