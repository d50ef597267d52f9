using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Stun;

namespace Turn;

/// <summary>Makes and opens self-contained access tokens (RFC 7635 §6.2) with AEAD-AES-256-GCM, as authorization servers and TURN servers do.</summary>
/// <remarks>Immutable and thread-safe as far as its entropy source is. <see cref="ToString"/> does not reveal the key.</remarks>
public sealed class OAuthTokenCodec
{
    /// <summary>The length of the long-term key in bytes.</summary>
    public const int KeyLength = 32;

    /// <summary>The longest mac_key in bytes.</summary>
    public const int MaxMacKeyLength = 64;

    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int FixedContentLength = 2 + 8 + 4;
    private const int FractionsPerSecond = 64_000;
    private const long TicksPerSecond = TimeSpan.TicksPerSecond;

    private readonly byte[] _key;
    private readonly byte[] _serverName;

    /// <summary>Takes the key that the authorization server and the TURN server share.</summary>
    /// <param name="key">K, 32 bytes.</param>
    /// <param name="serverName">The TURN server's name, as it stands in THIRD-PARTY-AUTHORIZATION.</param>
    /// <exception cref="ArgumentException">The key has another length, or the name is empty.</exception>
    public OAuthTokenCodec(ReadOnlySpan<byte> key, string serverName)
    {
        ArgumentException.ThrowIfNullOrEmpty(serverName);
        if (key.Length != KeyLength)
            throw new ArgumentException($"The long-term key of AES-256-GCM has {KeyLength} bytes, not {key.Length}.", nameof(key));
        _key = key.ToArray();
        _serverName = Encoding.UTF8.GetBytes(serverName);
    }

    /// <summary>Makes a token, as the authorization server does.</summary>
    /// <param name="content">What it holds.</param>
    /// <param name="entropy">Where the nonce comes from; it may never repeat under one key.</param>
    /// <returns>The token's bytes.</returns>
    public byte[] Encode(OAuthTokenContent content, EntropySource entropy)
    {
        ArgumentNullException.ThrowIfNull(content);
        ArgumentNullException.ThrowIfNull(entropy);
        Span<byte> nonce = stackalloc byte[NonceLength];
        entropy.Fill(nonce);
        return Encode(content, nonce);
    }

    /// <summary>Opens a token, as the TURN server does with the value of ACCESS-TOKEN. Never throws.</summary>
    /// <param name="token">The token's bytes.</param>
    /// <param name="content">What it holds.</param>
    /// <returns>False when it was not made with this key for this server, or was altered: answer with 401.</returns>
    public bool TryDecode(ReadOnlySpan<byte> token, [NotNullWhen(true)] out OAuthTokenContent? content)
    {
        content = null;
        if (token.Length < 2 || BinaryPrimitives.ReadUInt16BigEndian(token) != NonceLength)
            return false;
        token = token[2..];
        int blockLength = token.Length - NonceLength - TagLength;
        if (blockLength is < FixedContentLength or > FixedContentLength + MaxMacKeyLength)
            return false;
        Span<byte> block = stackalloc byte[FixedContentLength + MaxMacKeyLength];
        block = block[..blockLength];
        using (var cipher = new AesGcm(_key, TagLength))
        {
            try
            {
                cipher.Decrypt(token[..NonceLength], token.Slice(NonceLength, blockLength), token[(NonceLength + blockLength)..], block, _serverName);
            }
            catch (AuthenticationTagMismatchException)
            {
                return false;
            }
        }

        content = Read(block);
        CryptographicOperations.ZeroMemory(block);
        return content is not null;
    }

    /// <summary>The server's name.</summary>
    public override string ToString() => $"OAuthTokenCodec({Encoding.UTF8.GetString(_serverName)})";

    internal byte[] Encode(OAuthTokenContent content, ReadOnlySpan<byte> nonce)
    {
        int blockLength = FixedContentLength + content.MacKey.Length;
        Span<byte> block = stackalloc byte[blockLength];
        Write(content, block);
        byte[] token = new byte[2 + NonceLength + blockLength + TagLength];
        BinaryPrimitives.WriteUInt16BigEndian(token, NonceLength);
        nonce.CopyTo(token.AsSpan(2));
        Span<byte> sealedBlock = token.AsSpan(2 + NonceLength);
        // RFC 7635 §6.2: "The associated data (A) MUST be the STUN server name."
        using (var cipher = new AesGcm(_key, TagLength))
            cipher.Encrypt(nonce, block, sealedBlock[..blockLength], sealedBlock[blockLength..], _serverName);
        CryptographicOperations.ZeroMemory(block);
        return token;
    }

    private static void Write(OAuthTokenContent content, Span<byte> block)
    {
        BinaryPrimitives.WriteUInt16BigEndian(block, (ushort)content.MacKey.Length);
        content.MacKey.CopyTo(block[2..]);
        block = block[(2 + content.MacKey.Length)..];
        // RFC 7635 §6.2: "In this format, the integer number of seconds is contained in the first 48 bits of the field, and the remaining
        // 16 bits indicate the number of 1/64000 fractions of a second"
        (long seconds, long ticks) = Math.DivRem((content.IssuedAt - DateTimeOffset.UnixEpoch).Ticks, TicksPerSecond);
        ulong fraction = (ulong)(ticks * FractionsPerSecond / TicksPerSecond);
        BinaryPrimitives.WriteUInt64BigEndian(block, ((ulong)seconds << 16) | fraction);
        BinaryPrimitives.WriteUInt32BigEndian(block[8..], (uint)(content.Lifetime.Ticks / TicksPerSecond));
    }

    private static OAuthTokenContent? Read(ReadOnlySpan<byte> block)
    {
        int keyLength = BinaryPrimitives.ReadUInt16BigEndian(block);
        if (keyLength == 0 || keyLength != block.Length - FixedContentLength)
            return null;
        ReadOnlySpan<byte> times = block[(2 + keyLength)..];
        ulong timestamp = BinaryPrimitives.ReadUInt64BigEndian(times);
        long seconds = (long)(timestamp >> 16);
        long fraction = (long)(timestamp & 0xFFFF);
        if (seconds >= (DateTimeOffset.MaxValue - DateTimeOffset.UnixEpoch).Ticks / TicksPerSecond || fraction >= FractionsPerSecond)
            return null;
        DateTimeOffset issuedAt = DateTimeOffset.UnixEpoch.AddTicks((seconds * TicksPerSecond) + (fraction * TicksPerSecond / FractionsPerSecond));
        return new OAuthTokenContent(block.Slice(2, keyLength), issuedAt, TimeSpan.FromSeconds(BinaryPrimitives.ReadUInt32BigEndian(times[8..])));
    }
}
