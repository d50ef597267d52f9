namespace Stun;

/// <summary>Makes the nonces of a server and knows them again (RFC 8489 §9.2).</summary>
public interface INonceIssuer
{
    /// <summary>The length of the longest nonce that <see cref="Write"/> makes, the cookie not counted.</summary>
    int MaxLength { get; }

    /// <summary>Writes a nonce: characters of a quoted string, never the same for two source addresses or ports.</summary>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="source">Where the request came from.</param>
    /// <param name="now">The time.</param>
    /// <returns>The length of the nonce.</returns>
    int Write(Span<byte> destination, TransportAddress source, Instant now);

    /// <summary>Whether a nonce was made by this issuer for this source and is still to be taken.</summary>
    /// <param name="nonce">The nonce as it came, the cookie taken off.</param>
    /// <param name="source">Where the request came from.</param>
    /// <param name="now">The time.</param>
    bool IsValid(ReadOnlySpan<byte> nonce, TransportAddress source, Instant now);
}
