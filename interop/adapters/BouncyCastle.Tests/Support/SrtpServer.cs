using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Ice.BouncyCastle.Tests;

/// <summary>A DTLS-SRTP server as an application writes one (RFC 5764).</summary>
internal sealed class SrtpServer(DtlsIdentity identity, string expectedFingerprint) : DefaultTlsServer(new BcTlsCrypto())
{
    public byte[]? Keys { get; private set; }

    public int Profile { get; private set; }

    public override CertificateRequest GetCertificateRequest() =>
        new([ClientCertificateType.ecdsa_sign], TlsUtilities.GetDefaultSupportedSignatureAlgorithms(m_context), null);

    public override void NotifyClientCertificate(Certificate clientCertificate)
    {
        if (DtlsIdentity.FingerprintOf(clientCertificate) != expectedFingerprint)
            throw new TlsFatalAlert(AlertDescription.bad_certificate);
    }

    public override void ProcessClientExtensions(IDictionary<int, byte[]> clientExtensions)
    {
        base.ProcessClientExtensions(clientExtensions);
        Profile = TlsSrtpUtilities.GetUseSrtpExtension(clientExtensions).ProtectionProfiles[0];
    }

    public override IDictionary<int, byte[]> GetServerExtensions()
    {
        IDictionary<int, byte[]> extensions = base.GetServerExtensions();
        TlsSrtpUtilities.AddUseSrtpExtension(extensions, new UseSrtpData([Profile], []));
        return extensions;
    }

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        Keys = m_context.ExportKeyingMaterial(ExporterLabel.dtls_srtp, null, SrtpClient.KeyLength);
    }

    protected override TlsCredentialedSigner GetECDsaSignerCredentials() => identity.Sign(m_context);

    protected override int[] GetSupportedCipherSuites() => [CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();
}
