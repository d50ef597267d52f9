using Stun;

namespace Turn;

/// <summary>What an authorization server gives a client to use a TURN server with (RFC 7635 §3): the token, its key and its id.</summary>
/// <remarks>Immutable and thread-safe. The token is opaque to the client. <see cref="ToString"/> reveals neither token nor key.</remarks>
public sealed class OAuthAccessToken
{
    /// <summary>The longest token in bytes: with it, a request still fits into 1280 bytes.</summary>
    public const int MaxTokenLength = 512;

    private readonly byte[] _token;

    /// <summary>Takes copies.</summary>
    /// <param name="keyId">The kid: goes into USERNAME, so that the server finds the key under which it opens the token.</param>
    /// <param name="token">The token's bytes; where the authorization server gave base64, decoded.</param>
    /// <param name="macKey">The session key of MESSAGE-INTEGRITY; 20 bytes for HMAC-SHA1.</param>
    /// <param name="lifetime">How long the token is good from now on (expires_in); null if that is not known.</param>
    /// <exception cref="ArgumentException">One of them is empty or too long.</exception>
    public OAuthAccessToken(string keyId, ReadOnlySpan<byte> token, ReadOnlySpan<byte> macKey, TimeSpan? lifetime = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(keyId);
        if (token.IsEmpty || token.Length > MaxTokenLength)
            throw new ArgumentException($"An access token has 1 to {MaxTokenLength} bytes, not {token.Length}.", nameof(token));
        if (macKey.IsEmpty)
            throw new ArgumentException("The mac_key is empty: it comes with the token from the authorization server.", nameof(macKey));
        if (lifetime is { } value)
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, nameof(lifetime));
        // The checks of a USERNAME are those of a credential.
        KeyId = new LongTermCredential(keyId, "-").Username;
        _token = token.ToArray();
        MacKey = new StunKey(macKey);
        Lifetime = lifetime;
    }

    /// <summary>The kid.</summary>
    public string KeyId { get; }

    /// <summary>The token as it travels in ACCESS-TOKEN. A secret: do not log it.</summary>
    public ReadOnlySpan<byte> Token => _token;

    /// <summary>The key of MESSAGE-INTEGRITY.</summary>
    public StunKey MacKey { get; }

    /// <summary>How long the token is good from the time it was given to the client; null if that is not known.</summary>
    public TimeSpan? Lifetime { get; }

    /// <summary>The kid alone.</summary>
    public override string ToString() => $"OAuthAccessToken({KeyId})";
}
