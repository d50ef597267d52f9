using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoturnInterop;

/// <summary>An authority made for the run, and the server's certificate signed by it.</summary>
internal sealed class TestCertificates : IDisposable
{
    private readonly X509Certificate2 _authority;
    private readonly X509Certificate2 _stranger;

    public TestCertificates(string folder)
    {
        DateTimeOffset from = DateTimeOffset.UtcNow.AddDays(-1);
        DateTimeOffset to = DateTimeOffset.UtcNow.AddDays(2);
        _authority = MakeAuthority("CN=authority of this run", from, to);
        _stranger = MakeAuthority("CN=another authority", from, to);
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        names.AddIpAddress(IPAddress.IPv6Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 certificate = request.Create(_authority, from, to.AddHours(-1), [1, 2, 3, 4]);
        CertificateFile = Path.Combine(folder, "turn.crt");
        KeyFile = Path.Combine(folder, "turn.key");
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    public string CertificateFile { get; }

    public string KeyFile { get; }

    /// <summary>Who signed the server's certificate.</summary>
    public X509Certificate2Collection Trusted => [_authority];

    /// <summary>Somebody else.</summary>
    public X509Certificate2Collection Strangers => [_stranger];

    public void Dispose()
    {
        _authority.Dispose();
        _stranger.Dispose();
    }

    private static X509Certificate2 MakeAuthority(string name, DateTimeOffset from, DateTimeOffset to)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request.CreateSelfSigned(from, to);
    }
}
