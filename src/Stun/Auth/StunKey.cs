using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Stun;

/// <summary>An HMAC key that is used for many messages: what depends on the key alone is computed once, and no message allocates.</summary>
/// <remarks>
/// Thread-safe, without a lock. <see cref="ToString"/> does not reveal the key.
/// <para>
/// MESSAGE-INTEGRITY is computed by this library's own SHA-1, and MESSAGE-INTEGRITY-SHA256 by .NET's. Where a policy such as FIPS 140 wants
/// all cryptography to be that of the operating system, set the switch <c>Stun.UseSystemCryptography</c> to true before the first key is
/// made, in runtimeconfig.json or by <see cref="AppContext.SetSwitch"/>: both are computed by .NET's then, which takes about twice as long.
/// <see cref="CryptoConfig.AllowOnlyFipsAlgorithms"/> has the same effect where .NET knows of the policy.
/// </para>
/// </remarks>
#pragma warning disable CA1001 // the contexts are safe handles with finalizers; a key lives as long as its agent, and disposing it early would break a concurrent user
public sealed class StunKey
#pragma warning restore CA1001
{
    private readonly HmacSha1 _sha1;
    // A password, or the bytes.
    private object _secret;
    private SystemHashes? _system;

    /// <summary>Takes a copy of the key's bytes.</summary>
    public StunKey(ReadOnlySpan<byte> key)
        : this(key, SystemCryptography.IsRequired)
    {
    }

    /// <summary>Takes a password: its UTF-8 is the key. Keeps the text, and no copy of it.</summary>
    public StunKey(string password)
    {
        ArgumentNullException.ThrowIfNull(password);
        _secret = password;
        if (SystemCryptography.IsRequired)
            _system = new SystemHashes(forAll: true);
        else
            _sha1 = new HmacSha1(Encoding.UTF8.GetBytes(password));
    }

    internal StunKey(ReadOnlySpan<byte> key, bool usesSystem)
    {
        _secret = key.ToArray();
        if (usesSystem)
            _system = new SystemHashes(forAll: true);
        else
            _sha1 = new HmacSha1(key);
    }

    /// <summary>The key itself. A secret: do not log it.</summary>
    public ReadOnlySpan<byte> Bytes => Key;

    // Of a password as a rule nobody wants them: the hashes are kept.
    private byte[] Key
    {
        get
        {
            if (_secret is string password)
                _secret = Encoding.UTF8.GetBytes(password);
            return (byte[])_secret;
        }
    }

    private SystemHashes System => _system ?? Interlocked.CompareExchange(ref _system, new SystemHashes(forAll: false), null) ?? _system;

    /// <summary>Says that this is a key, not which.</summary>
    public override string ToString() => "StunKey(secret)";

    internal void ComputeSha1(ReadOnlySpan<byte> covered, ushort lengthField, Span<byte> destination)
    {
        if (_system is { ForAll: true } system)
            Compute(ref system.Sha1, HashAlgorithmName.SHA1, covered, lengthField, destination);
        else
            _sha1.Compute(covered, lengthField, destination);
    }

    internal void ComputeSha256(ReadOnlySpan<byte> covered, ushort lengthField, Span<byte> destination) =>
        Compute(ref System.Sha256, HashAlgorithmName.SHA256, covered, lengthField, destination);

    // A thread takes the context out while it uses it. Another that finds none makes its own; the last one back stays.
    private void Compute(ref IncrementalHash? slot, HashAlgorithmName algorithm, ReadOnlySpan<byte> covered, ushort lengthField, Span<byte> destination)
    {
        IncrementalHash hash = Interlocked.Exchange(ref slot, null) ?? IncrementalHash.CreateHMAC(algorithm, Key);
        Span<byte> length = stackalloc byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16BigEndian(length, lengthField);
        hash.AppendData(covered[..2]);
        hash.AppendData(length);
        hash.AppendData(covered[4..]);
        _ = hash.GetHashAndReset(destination);
        Interlocked.Exchange(ref slot, hash)?.Dispose();
    }

    /// <summary>.NET's contexts for the key.</summary>
    /// <param name="forAll">Whether they compute MESSAGE-INTEGRITY too.</param>
    private sealed class SystemHashes(bool forAll)
    {
        public IncrementalHash? Sha1;
        public IncrementalHash? Sha256;

        public bool ForAll { get; } = forAll;
    }
}
