namespace Turn;

/// <summary>What is inside a self-contained access token (RFC 7635 §6.2).</summary>
/// <remarks>Immutable and thread-safe. <see cref="ToString"/> does not reveal the key.</remarks>
public sealed class OAuthTokenContent
{
    private readonly byte[] _macKey;

    /// <summary>Takes a copy of the key.</summary>
    /// <param name="macKey">The session key, 1 to 64 bytes; RFC 7635 wants 20 to be possible.</param>
    /// <param name="issuedAt">When the token was made.</param>
    /// <param name="lifetime">How long it is good from then on, in whole seconds.</param>
    /// <exception cref="ArgumentException">One of them is out of range.</exception>
    public OAuthTokenContent(ReadOnlySpan<byte> macKey, DateTimeOffset issuedAt, TimeSpan lifetime)
    {
        if (macKey.Length is 0 or > OAuthTokenCodec.MaxMacKeyLength)
            throw new ArgumentException($"A mac_key has 1 to {OAuthTokenCodec.MaxMacKeyLength} bytes, not {macKey.Length}.", nameof(macKey));
        ArgumentOutOfRangeException.ThrowIfLessThan(issuedAt, DateTimeOffset.UnixEpoch);
        ArgumentOutOfRangeException.ThrowIfLessThan(lifetime, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(lifetime, TimeSpan.FromSeconds(uint.MaxValue));
        _macKey = macKey.ToArray();
        IssuedAt = issuedAt;
        Lifetime = lifetime;
    }

    /// <summary>The session key. A secret: do not log it.</summary>
    public ReadOnlySpan<byte> MacKey => _macKey;

    /// <summary>When the token was made, to 1/64000 s.</summary>
    public DateTimeOffset IssuedAt { get; }

    /// <summary>How long the token is good after <see cref="IssuedAt"/>.</summary>
    public TimeSpan Lifetime { get; }

    /// <summary>How long a token that a server receives now may still be used; zero or less when it is refused.</summary>
    /// <param name="receivedAt">The server's time of day.</param>
    public TimeSpan GetRemaining(DateTimeOffset receivedAt) =>
        // RFC 7635 §7: "lifetime + Delta > abs(RDnew - TS)"
        Lifetime + TurnDefaults.TokenDelta - (receivedAt - IssuedAt).Duration();

    /// <summary>The times alone.</summary>
    public override string ToString() => $"OAuthTokenContent(issued {IssuedAt:O}, good for {Lifetime})";
}
