using System.Security.Cryptography;

namespace Stun;

/// <summary>An HMAC key that is used for many messages: it keeps its hash contexts, so that no message allocates and none hashes the key again.</summary>
/// <remarks>Thread-safe. <see cref="ToString"/> does not reveal the key.</remarks>
#pragma warning disable CA1001 // the contexts are safe handles with finalizers; a key lives as long as its agent, and disposing it early would break a concurrent user
public sealed class StunKey
#pragma warning restore CA1001
{
    private readonly byte[] _key;
    private IncrementalHash? _sha1;
    private IncrementalHash? _sha256;

    /// <summary>Takes a copy of the key's bytes.</summary>
    public StunKey(ReadOnlySpan<byte> key) => _key = key.ToArray();

    /// <summary>The key itself. A secret: do not log it.</summary>
    public ReadOnlySpan<byte> Bytes => _key;

    /// <summary>Says that this is a key, not which.</summary>
    public override string ToString() => "StunKey(secret)";

    internal void ComputeSha1(ReadOnlySpan<byte> covered, ReadOnlySpan<byte> lengthField, Span<byte> destination) =>
        Compute(ref _sha1, HashAlgorithmName.SHA1, covered, lengthField, destination);

    internal void ComputeSha256(ReadOnlySpan<byte> covered, ReadOnlySpan<byte> lengthField, Span<byte> destination) =>
        Compute(ref _sha256, HashAlgorithmName.SHA256, covered, lengthField, destination);

    // A thread takes the context out while it uses it. Another that finds none makes its own; the last one back stays.
    private void Compute(ref IncrementalHash? slot, HashAlgorithmName algorithm, ReadOnlySpan<byte> covered, ReadOnlySpan<byte> lengthField, Span<byte> destination)
    {
        IncrementalHash hash = Interlocked.Exchange(ref slot, null) ?? IncrementalHash.CreateHMAC(algorithm, _key);
        hash.AppendData(covered[..2]);
        hash.AppendData(lengthField);
        hash.AppendData(covered[4..]);
        _ = hash.GetHashAndReset(destination);
        Interlocked.Exchange(ref slot, hash)?.Dispose();
    }
}
