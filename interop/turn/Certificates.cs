using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Ice.Interop.Turn;

/// <summary>Makes the certificate of a run.</summary>
internal static class Certificates
{
    public static X509Certificate2 Create()
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
    }
}
