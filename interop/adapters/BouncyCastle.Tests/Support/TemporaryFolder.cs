using CoturnInterop;

namespace Ice.BouncyCastle.Tests;

/// <summary>A folder for a server's files, with certificates; removed when disposed of.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder() => Certificates = new TestCertificates(Path);

    public string Path { get; } = Directory.CreateTempSubdirectory("ice-bouncycastle-").FullName;

    public TestCertificates Certificates { get; }

    public void Dispose()
    {
        Certificates.Dispose();
        Directory.Delete(Path, recursive: true);
    }
}
