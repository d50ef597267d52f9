using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Crypto;
using Org.BouncyCastle.Security;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;
using CertificateRequest = System.Security.Cryptography.X509Certificates.CertificateRequest;
using TlsHash = Org.BouncyCastle.Tls.HashAlgorithm;

namespace Ice.BouncyCastle.Tests;

/// <summary>A self-signed certificate, as WebRTC peers have: the other side knows its fingerprint from the signaling.</summary>
internal sealed class DtlsIdentity
{
    private readonly byte[] _certificate;
    private readonly AsymmetricKeyParameter _key;

    public DtlsIdentity(int padding = 0)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN=peer, O={new string('x', Math.Min(padding, 60))}", key, HashAlgorithmName.SHA256);
        if (padding > 0)
            request.CertificateExtensions.Add(new X509Extension("1.2.3.4", new byte[padding], critical: false));
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _certificate = certificate.RawData;
        _key = PrivateKeyFactory.CreateKey(key.ExportPkcs8PrivateKey());
        Fingerprint = FingerprintOf(_certificate);
    }

    public string Fingerprint { get; }

    public static string FingerprintOf(Certificate certificate) => FingerprintOf(certificate.GetCertificateAt(0).GetEncoded());

    public TlsCredentialedSigner Sign(TlsContext context)
    {
        BcTlsCrypto crypto = (BcTlsCrypto)context.Crypto;
        Certificate certificate = new([new BcTlsCertificate(crypto, _certificate)]);
        return new BcDefaultTlsCredentialedSigner(
            new TlsCryptoParameters(context), crypto, _key, certificate, new SignatureAndHashAlgorithm(TlsHash.sha256, SignatureAlgorithm.ecdsa));
    }

    private static string FingerprintOf(byte[] certificate) => Convert.ToHexString(SHA256.HashData(certificate));
}
