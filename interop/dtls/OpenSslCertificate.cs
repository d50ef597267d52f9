using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;

namespace DtlsInterop;

/// <summary>OpenSSL's own certificate and key, made by OpenSSL.</summary>
internal sealed partial record OpenSslCertificate(string CertificateFile, string KeyFile, string Fingerprint)
{
    public static async Task<OpenSslCertificate> CreateAsync(string folder, CancellationToken cancellationToken)
    {
        string certificate = Path.Combine(folder, "certificate.pem");
        string key = Path.Combine(folder, "key.pem");
        await using OpenSsl openssl = OpenSsl.Start(
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=bridge", "-days", "2", "-keyout", key, "-out", certificate);
        await openssl.WaitForSuccessAsync(cancellationToken);
        return new OpenSslCertificate(certificate, key, FingerprintOf(await File.ReadAllTextAsync(certificate, cancellationToken)));
    }

    /// <summary>The fingerprint (RFC 8122 §5) of the certificate that is somewhere in a text; null when none is.</summary>
    public static string? FindFingerprint(string text) => Pem().Match(text) is { Success: true } pem ? FingerprintOf(pem.Value) : null;

    /// <summary>A fingerprint of nothing.</summary>
    public static string MadeUpFingerprint() => Format(RandomNumberGenerator.GetBytes(32));

    private static string FingerprintOf(string pem)
    {
        using var certificate = X509Certificate2.CreateFromPem(pem);
        return Format(certificate.GetCertHash(HashAlgorithmName.SHA256));
    }

    private static string Format(byte[] hash) => BitConverter.ToString(hash).Replace('-', ':');

    [GeneratedRegex("-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", RegexOptions.Singleline)]
    private static partial Regex Pem();
}
