using System.Text;

namespace Stun;

/// <summary>The client's side of the long-term credential mechanism with one server (RFC 8489 §9.2.3, §9.2.5), with its bid-down protection.</summary>
/// <remarks>
/// The first request goes without authentication; the server's 401 brings realm and nonce, with which the requests after it are signed.
/// For each request call <see cref="Sign"/> last (before FINGERPRINT) and keep its stamp; hand each response to <see cref="Check"/>
/// with the stamp of its request. On <see cref="ResponseVerdict.Retry"/> make the request again with a new transaction id.
/// Not thread-safe.
/// </remarks>
public sealed class LongTermClient
{
    /// <summary>How many times in a row a server may call a fresh nonce stale before its credentials are given up.</summary>
    public const int MaxStaleNonces = 8;

    /// <summary>How long the realm, the nonce and the algorithms of a challenge may be together, in bytes; a longer challenge is refused.</summary>
    public const int MaxChallengeLength = 1024;

    /// <summary>How many bytes <see cref="Sign"/> adds at most: 508 of USERNAME, a challenge, and their headers, padding and integrity.</summary>
    public const int MaxSignatureLength = 1604;

    private readonly LongTermCredential _credential;
    private readonly byte[] _usernameUtf8;
    private LongTermChallenge? _challenge;
    private int _staleNonces;

    /// <summary>Makes the state for one server.</summary>
    public LongTermClient(LongTermCredential credential)
    {
        ArgumentNullException.ThrowIfNull(credential);
        _credential = credential;
        _usernameUtf8 = Encoding.UTF8.GetBytes(credential.Username);
    }

    /// <summary>Whether SHA-256 is taken wherever the server has it, and not the first algorithm of its list: so for TURN (RFC 8656 §6).</summary>
    public bool PrefersSha256 { get; init; }

    /// <summary>The realm that the server gave; null before its first challenge.</summary>
    public string? Realm => _challenge?.Realm;

    /// <summary>Which integrity attribute the next request will carry; none before the first challenge.</summary>
    public StunIntegrity Integrity => _challenge?.Integrity ?? StunIntegrity.None;

    /// <summary>Adds what the server asked for to a request: nothing before its first challenge.</summary>
    /// <param name="writer">The request; only FINGERPRINT can follow.</param>
    /// <returns>What <see cref="Check"/> needs to know about this request.</returns>
    public RequestStamp Sign(ref StunWriter writer)
    {
        // RFC 8489 §9.2.3.1: "In other words, the first request is sent as if there were no authentication or message integrity applied."
        if (_challenge is not { } challenge)
            return default;
        // RFC 8489 §9.2.5: "If the "nonce cookie" is present and has the STUN Security Feature "Username anonymity" bit set to 1, then the
        // USERHASH attribute MUST be used; else, the USERNAME attribute MUST be used."
        if (challenge.UserHash is not null)
            writer.Add(StunAttributeType.UserHash, challenge.UserHash);
        else
            writer.Add(StunAttributeType.Username, _usernameUtf8);
        writer.Add(StunAttributeType.Realm, challenge.RealmUtf8);
        writer.Add(StunAttributeType.Nonce, challenge.Nonce);
        if (challenge.Algorithms is null)
        {
            writer.AddMessageIntegrity(challenge.Key);
            return new RequestStamp(challenge);
        }

        // RFC 8489 §9.2.5: "If the response contains a PASSWORD-ALGORITHMS attribute, the request MUST contain the PASSWORD-ALGORITHMS
        // attribute with the same content."
        writer.Add(StunAttributeType.PasswordAlgorithms, challenge.Algorithms);
        Span<byte> algorithm = [0, (byte)challenge.Algorithm, 0, 0];
        writer.Add(StunAttributeType.PasswordAlgorithm, algorithm);
        writer.AddMessageIntegritySha256(challenge.Key);
        return new RequestStamp(challenge);
    }

    /// <summary>Checks a response whose transaction id matched (RFC 8489 §9.2.5), and learns from a challenge.</summary>
    /// <param name="response">The response.</param>
    /// <param name="stamp">What <see cref="Sign"/> gave for its request.</param>
    /// <param name="reliable">Whether the request went over a reliable transport.</param>
    public ResponseVerdict Check(scoped in StunMessage response, RequestStamp stamp, bool reliable)
    {
        int code = 0;
        if (response.Class == StunClass.ErrorResponse)
            _ = response.TryGetErrorCode(out code, out _);
        bool cookie = response.TryGet(StunAttributeType.Nonce, out ReadOnlySpan<byte> nonce) & NonceCookie.TryRead(nonce, out StunSecurityFeatures features);
        bool stripped = cookie && features.HasFlag(StunSecurityFeatures.PasswordAlgorithms) && !response.Has(StunAttributeType.PasswordAlgorithms);
        if (code is StunErrorCode.Unauthenticated or StunErrorCode.StaleNonce)
        {
            // RFC 8489 §9.2.5: "If so and the "nonce cookie" has the STUN Security Feature "Password algorithms" bit set to 1 but no
            // PASSWORD-ALGORITHMS attribute is present, then the client MUST NOT retry the request with a new transaction."
            return stripped ? ResponseVerdict.ChallengeRefused : TakeChallenge(response, nonce, features, stamp.Challenge, code);
        }

        // RFC 8489 §9.2.5: "For all other responses, if the NONCE attribute starts with the "nonce cookie" with the STUN Security Feature
        // "Password algorithms" bit set to 1 but PASSWORD-ALGORITHMS is not present, the response MUST be ignored."
        if (stripped)
            return ResponseVerdict.Ignored;
        // RFC 8489 §9.2.5: "If the response is an error response with an error code of 400 (Bad Request) and does not contain either the
        // MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 attribute, then the response MUST be discarded, as if it were never received."
        if (code == StunErrorCode.BadRequest && response.Integrity == StunIntegrity.None)
            return ResponseVerdict.Ignored;
        return CheckIntegrity(response, stamp.Challenge, code, reliable);
    }

    /// <summary>The username and the realm, if there is one yet.</summary>
    public override string ToString() => $"LongTermClient({_credential.Username}, {Realm ?? "no realm yet"})";

    private ResponseVerdict CheckIntegrity(scoped in StunMessage response, LongTermChallenge? challenge, int code, bool reliable)
    {
        // A request without authentication has no key against which its response could be checked; but
        // RFC 8489 §14.8: "receivers MUST validate the MESSAGE-INTEGRITY or MESSAGE-INTEGRITY-SHA256 of this response before redirecting
        // themselves to an alternate server."
        if (challenge is null && code != StunErrorCode.TryAlternate)
            return ResponseVerdict.Accepted;
        bool right = challenge is not null && (challenge.Integrity == StunIntegrity.Sha256
            ? response.VerifyMessageIntegritySha256(challenge.Key)
            : response.VerifyMessageIntegrity(challenge.Key));
        if (right)
        {
            _staleNonces = 0;
            return ResponseVerdict.Accepted;
        }

        // RFC 8489 §9.2.5: "If the request was sent over an unreliable transport, the response MUST be discarded, as if it had never been
        // received."
        return reliable ? ResponseVerdict.IntegrityViolated : ResponseVerdict.IntegrityIgnored;
    }

    private ResponseVerdict TakeChallenge(
        scoped in StunMessage response,
        ReadOnlySpan<byte> nonce,
        StunSecurityFeatures features,
        LongTermChallenge? asked,
        int code)
    {
        string realm = asked?.Realm ?? "";
        _ = response.TryGet(StunAttributeType.Realm, out ReadOnlySpan<byte> realmUtf8);
        if (response.Has(StunAttributeType.Realm) && !response.TryGetText(StunAttributeType.Realm, out realm))
            return ResponseVerdict.ChallengeRefused;
        if (nonce.IsEmpty || nonce.Length > StunMessage.MaxTextLength || !OpaqueString.TryEnforce(realm, out _))
            return ResponseVerdict.ChallengeRefused;
        _ = response.TryGet(StunAttributeType.PasswordAlgorithms, out ReadOnlySpan<byte> list);
        if (realmUtf8.Length + nonce.Length + list.Length > MaxChallengeLength)
            return ResponseVerdict.ChallengeRefused;
        bool hash = features.HasFlag(StunSecurityFeatures.UsernameAnonymity);
        if (code == StunErrorCode.Unauthenticated)
        {
            // RFC 8489 §9.2.5: "The client MUST NOT perform this retry if it is not changing the USERNAME, USERHASH, REALM, or its
            // associated password from the previous attempt."
            if (asked is not null && asked.Realm == realm && asked.UserHash is not null == hash)
                return ResponseVerdict.CredentialsRefused;
        }
        else if (asked is not null && !ReferenceEquals(asked, _challenge))
        {
            // Requests that were under way together all come back stale; the first of them brought a new nonce already.
            return ResponseVerdict.Retry;
        }
        else if (++_staleNonces > MaxStaleNonces || (asked is not null && nonce.SequenceEqual(asked.Nonce)))
        {
            return ResponseVerdict.CredentialsRefused;
        }

        return Adopt(response, nonce, realm, hash) ? ResponseVerdict.Retry : ResponseVerdict.ChallengeRefused;
    }

    private bool Adopt(scoped in StunMessage response, ReadOnlySpan<byte> nonce, string realm, bool hash)
    {
        PasswordAlgorithm algorithm = PasswordAlgorithm.Md5;
        byte[]? algorithms = null;
        if (response.TryGet(StunAttributeType.PasswordAlgorithms, out ReadOnlySpan<byte> list))
        {
            // RFC 8489 §9.2.5: "If the response contains a PASSWORD-ALGORITHMS attribute, and this attribute does not contain any
            // algorithm that is supported by the client, then the client MUST NOT retry the request with a new transaction."
            if (!PasswordAlgorithmList.TryGetFirstSupported(list, out algorithm))
                return false;
            // RFC 8656 §6: "Note that if the response contains a PASSWORD-ALGORITHMS attribute and this attribute contains both MD5 and SHA-256
            // algorithms, and the client also supports both the algorithms, the request MUST contain a PASSWORD-ALGORITHM attribute with the
            // SHA-256 algorithm."
            if (PrefersSha256 && PasswordAlgorithmList.Contains(list, PasswordAlgorithm.Sha256))
                algorithm = PasswordAlgorithm.Sha256;
            algorithms = list.ToArray();
        }

        bool sameKey = _challenge is not null && _challenge.Realm == realm && _challenge.Algorithm == algorithm;
        byte[]? userHash = null;
        if (hash)
        {
            userHash = new byte[LongTermCredential.UserHashLength];
            LongTermCredential.WriteUserHash(_credential.Username, realm, userHash);
        }

        _challenge = new LongTermChallenge
        {
            Realm = realm,
            // RFC 8489 §9.2.5: "The request MUST contain the REALM, copied from the error response."
            RealmUtf8 = Encoding.UTF8.GetBytes(realm),
            Nonce = nonce.ToArray(),
            Algorithms = algorithms,
            Algorithm = algorithm,
            UserHash = userHash,
            Key = sameKey ? _challenge!.Key : _credential.DeriveKey(realm, algorithm),
        };
        return true;
    }
}
