using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DtlsInterop;

/// <summary>Authenticates SRTP packets of one sender with the keys of a DTLS handshake (RFC 5764 §4.2, RFC 3711 §4.3), for AES_CM_128_HMAC_SHA1_80.</summary>
internal sealed class SrtpKeys
{
    public const string ExporterLabel = "EXTRACTOR-dtls_srtp";

    // Two keys of 16 bytes, two salts of 14.
    public const int ExportedLength = 60;

    private const int KeyLength = 16;
    private const int SaltLength = 14;
    private const int TagLength = 10;
    private const int AuthenticationKeyLength = 20;
    private const byte AuthenticationLabel = 1;

    private readonly byte[] _authenticationKey;

    private SrtpKeys(ReadOnlySpan<byte> masterKey, ReadOnlySpan<byte> masterSalt)
    {
        // x = (label || r) XOR master_salt, r being 0 (RFC 3711 §4.3.1); the key is AES-CM's key stream with x as the upper part of its IV (§4.3.3).
        byte[] counter = new byte[16];
        masterSalt.CopyTo(counter);
        counter[7] ^= AuthenticationLabel;
        using var aes = Aes.Create();
        aes.SetKey(masterKey);
        List<byte> stream = [];
        for (ushort block = 0; stream.Count < AuthenticationKeyLength; block++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(counter.AsSpan(14), block);
#pragma warning disable CA5358 // single blocks of AES are what counter mode is made of
            stream.AddRange(aes.EncryptEcb(counter, PaddingMode.None));
#pragma warning restore CA5358
        }

        _authenticationKey = [.. stream[..AuthenticationKeyLength]];
    }

    /// <summary>The keys of the DTLS client's packets: of the browser where it is active.</summary>
    /// <param name="exported">What the exporter gave: client key, server key, client salt, server salt.</param>
    public static SrtpKeys OfClient(ReadOnlySpan<byte> exported) => new(exported[..KeyLength], exported.Slice(2 * KeyLength, SaltLength));

    /// <summary>Whether a packet is the sender's own, unchanged.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="rollovers">How often its sequence number has begun anew.</param>
    public bool IsAuthentic(ReadOnlySpan<byte> packet, uint rollovers)
    {
        // The tag is over the packet and the rollover counter (RFC 3711 §4.2).
        byte[] signed = new byte[packet.Length - TagLength + 4];
        packet[..^TagLength].CopyTo(signed);
        BinaryPrimitives.WriteUInt32BigEndian(signed.AsSpan(packet.Length - TagLength), rollovers);
#pragma warning disable CA5350 // the profile has SHA-1
        ReadOnlySpan<byte> tag = HMACSHA1.HashData(_authenticationKey, signed).AsSpan(0, TagLength);
#pragma warning restore CA5350
        return CryptographicOperations.FixedTimeEquals(tag, packet[^TagLength..]);
    }
}
