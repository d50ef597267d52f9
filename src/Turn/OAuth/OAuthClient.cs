using Stun;

namespace Turn;

/// <summary>The client's side of third-party authorization with one server (RFC 7635 §5, §8, §9).</summary>
internal sealed class OAuthClient
{
    private const int MaxStaleNonces = LongTermClient.MaxStaleNonces;
    private const int MaxRefusals = 2;

    // How long before its expiry the owner is asked for the next token.
    private static readonly TimeSpan s_renewalMargin = TimeSpan.FromMinutes(1);

    private OAuthAccessToken? _latest;

    // The token that the server has taken: the key of requests that do not carry a token.
    private OAuthAccessToken? _active;
    private Instant _expiresAt = Instant.Never;
    private Instant _askAt = Instant.Never;
    private bool _asked;
    private byte[]? _nonce;
    private byte[]? _realm;
    private string _serverName = "";
    private int _staleNonces;
    private int _refusals;

    public OAuthClient(OAuthAccessToken? token, Instant now)
    {
        if (token is not null)
            SetToken(token, now);
    }

    /// <summary>Whether the server has asked for third-party authorization.</summary>
    public bool IsActive => _nonce is not null;

    public bool AwaitsToken => IsActive && _latest is null;

    public Instant NextTimeout => IsActive ? Instant.Min(_askAt, _expiresAt) : Instant.Never;

    public void Reset()
    {
        _nonce = null;
        _realm = null;
        _active = null;
        _staleNonces = 0;
        _refusals = 0;
    }

    public void SetToken(OAuthAccessToken token, Instant now)
    {
        _latest = token;
        _asked = false;
        _expiresAt = token.Lifetime is { } lifetime ? now + lifetime : Instant.Never;
        _askAt = token.Lifetime is { } known ? now + (known > s_renewalMargin * 2 ? known - s_renewalMargin : known / 2) : Instant.Never;
    }

    public string? TakeTokenRequest(Instant now)
    {
        // RFC 7635 §9: "If the access token expires, then the client MUST obtain a new token from the authorization server and use it for new
        // allocations. The client MUST use the new token to refresh existing allocations."
        if (now >= _expiresAt)
        {
            _latest = null;
            _expiresAt = Instant.Never;
        }

        bool due = AwaitsToken || (IsActive && now >= _askAt);
        if (now >= _askAt)
            _askAt = Instant.Never;
        if (!due || _asked)
            return null;
        _asked = true;
        return _serverName;
    }

    /// <summary>Takes the 401 to a request without authentication.</summary>
    public ResponseVerdict Begin(scoped in StunMessage response)
    {
        if (!TryTakeNonce(response))
            return ResponseVerdict.ChallengeRefused;
        _ = response.TryGetThirdPartyAuthorization(out _serverName);
        return ResponseVerdict.Retry;
    }

    public OAuthAccessToken Sign(ref StunWriter writer, bool withToken)
    {
        OAuthAccessToken? chosen = withToken || _active is null ? _latest : _active;
        if (chosen is not { } token)
            throw new InvalidOperationException("There is no access token to sign with.");
        // RFC 7635 §5: "a STUN client re-attempts the request, this time including access token and kid values in the ACCESS-TOKEN and
        // USERNAME STUN attributes."
        writer.AddText(StunAttributeType.Username, token.KeyId);
        if (_realm is not null)
            writer.Add(StunAttributeType.Realm, _realm);
        writer.Add(StunAttributeType.Nonce, _nonce);
        if (withToken)
            writer.AddAccessToken(token.Token);
        // RFC 7635 §5: "The STUN client includes a MESSAGE-INTEGRITY attribute as the last attribute in the message over the contents of the
        // STUN message."
        writer.AddMessageIntegrity(token.MacKey);
        return token;
    }

    public ResponseVerdict Check(scoped in StunMessage response, OAuthAccessToken token, int code, bool reliable)
    {
        if (code == StunErrorCode.StaleNonce)
        {
            bool fresh = !(response.TryGet(StunAttributeType.Nonce, out ReadOnlySpan<byte> nonce) && nonce.SequenceEqual(_nonce));
            return fresh && ++_staleNonces <= MaxStaleNonces && TryTakeNonce(response) ? ResponseVerdict.Retry : ResponseVerdict.CredentialsRefused;
        }

        if (code == StunErrorCode.Unauthenticated)
            return TakeRefusal(response, token);
        // RFC 7635 §8: "If MESSAGE-INTEGRITY is absent or the value computed for message integrity using mac_key does not match the contents
        // of the MESSAGE-INTEGRITY attribute, then the response MUST be discarded."
        if (!response.VerifyMessageIntegrity(token.MacKey))
            return reliable ? ResponseVerdict.IntegrityViolated : ResponseVerdict.IntegrityIgnored;
        _staleNonces = 0;
        if (response.Class == StunClass.SuccessResponse)
        {
            _refusals = 0;
            if (response.Method is StunMethod.Allocate or StunMethod.Refresh)
                _active = token;
        }

        return ResponseVerdict.Accepted;
    }

    private ResponseVerdict TakeRefusal(scoped in StunMessage response, OAuthAccessToken token)
    {
        if (!TryTakeNonce(response))
            return ResponseVerdict.ChallengeRefused;
        // Another token has come meanwhile: that one may do.
        if (_latest is not null && _latest != token)
            return ResponseVerdict.Retry;
        if (++_refusals > MaxRefusals)
            return ResponseVerdict.CredentialsRefused;
        _latest = null;
        _expiresAt = Instant.Never;
        return ResponseVerdict.Retry;
    }

    private bool TryTakeNonce(scoped in StunMessage response)
    {
        if (!response.TryGet(StunAttributeType.Nonce, out ReadOnlySpan<byte> nonce) || nonce.Length is 0 or > StunMessage.MaxTextLength)
            return false;
        if (response.TryGet(StunAttributeType.Realm, out ReadOnlySpan<byte> realm))
        {
            if (realm.Length > StunMessage.MaxTextLength)
                return false;
            _realm = realm.ToArray();
        }

        _nonce = nonce.ToArray();
        return true;
    }
}
