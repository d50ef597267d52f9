using System.Security.Cryptography;

namespace Bench;

/// <summary>The baseline: .NET's HMAC-SHA1 with its key kept, over the bytes that MESSAGE-INTEGRITY covers, and nothing else.</summary>
internal sealed class FrameworkHmac : IDisposable
{
    public const string Description = "IncrementalHash (HMAC-SHA1, reused) over the 60 covered bytes, and nothing else";

    private readonly IncrementalHash _hash;
    private readonly byte[] _covered;

    public FrameworkHmac(ReadOnlySpan<byte> check)
    {
#pragma warning disable CA5350 // MESSAGE-INTEGRITY is HMAC-SHA1: the protocol chose it
        _hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA1, StunCheck.Key.Bytes);
#pragma warning restore CA5350
        _covered = check[..StunCheck.Covered].ToArray();
    }

    public bool Run(int count)
    {
        Span<byte> mac = stackalloc byte[20];
        bool right = true;
        for (int i = 0; i < count; i++)
        {
            _hash.AppendData(_covered);
            right &= _hash.GetHashAndReset(mac) == mac.Length;
        }

        return right;
    }

    public void Dispose() => _hash.Dispose();
}
