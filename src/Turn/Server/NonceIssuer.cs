using System.Buffers.Binary;
using System.Buffers.Text;
using System.Security.Cryptography;
using Stun;

namespace Turn;

/// <summary>Nonces that cost the server no memory: the time of issue and a keyed hash over it and over the client's address.</summary>
/// <remarks>Who does not receive at an address cannot know its nonce, and no nonce is good for another address or port. Thread-safe.</remarks>
public sealed class NonceIssuer : INonceIssuer
{
    private const int TimeLength = 8;
    private const int HashLength = 16;
    private const int RawLength = TimeLength + HashLength;
    private const int KeyLength = 32;

    private readonly byte[] _key = new byte[KeyLength];
    private readonly TimeSpan _lifetime;

    /// <summary>Makes an issuer with a key of its own.</summary>
    /// <param name="entropy">Where the key comes from.</param>
    /// <param name="lifetime">How long a nonce is taken.</param>
    public NonceIssuer(EntropySource entropy, TimeSpan lifetime)
    {
        ArgumentNullException.ThrowIfNull(entropy);
        if (lifetime <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(lifetime), lifetime, "A nonce has to live for some time: an hour is usual.");
        entropy.Fill(_key);
        _lifetime = lifetime;
    }

    /// <inheritdoc/>
    public int MaxLength => RawLength / 3 * 4;

    /// <inheritdoc/>
    public int Write(Span<byte> destination, TransportAddress source, Instant now)
    {
        Span<byte> raw = stackalloc byte[RawLength];
        BinaryPrimitives.WriteInt64BigEndian(raw, now.SinceOrigin.Ticks);
        Hash(raw[..TimeLength], source, raw[TimeLength..]);
        _ = Base64Url.EncodeToUtf8(raw, destination, out _, out int written);
        return written;
    }

    /// <inheritdoc/>
    public bool IsValid(ReadOnlySpan<byte> nonce, TransportAddress source, Instant now)
    {
        Span<byte> raw = stackalloc byte[RawLength];
        if (nonce.Length != MaxLength || Base64Url.DecodeFromUtf8(nonce, raw, out _, out int written) != System.Buffers.OperationStatus.Done || written != RawLength)
            return false;
        Span<byte> expected = stackalloc byte[HashLength];
        Hash(raw[..TimeLength], source, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, raw[TimeLength..]))
            return false;
        var issued = Instant.FromOrigin(new TimeSpan(BinaryPrimitives.ReadInt64BigEndian(raw)));
        return now - issued < _lifetime;
    }

    private void Hash(ReadOnlySpan<byte> time, TransportAddress source, Span<byte> destination)
    {
        Span<byte> text = stackalloc byte[TimeLength + 2 + 16];
        time.CopyTo(text);
        BinaryPrimitives.WriteUInt16BigEndian(text[TimeLength..], (ushort)source.Port);
        int length = TimeLength + 2 + source.WriteAddress(text[(TimeLength + 2)..]);
        Span<byte> full = stackalloc byte[HMACSHA256.HashSizeInBytes];
        _ = HMACSHA256.HashData(_key, text[..length], full);
        full[..HashLength].CopyTo(destination);
    }
}
