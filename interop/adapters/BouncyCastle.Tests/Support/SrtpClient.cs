using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Ice.BouncyCastle.Tests;

/// <summary>A DTLS-SRTP client as an application writes one (RFC 5764).</summary>
internal sealed class SrtpClient(DtlsIdentity identity, string expectedFingerprint) : DefaultTlsClient(new BcTlsCrypto()), TlsAuthentication
{
    public const int KeyLength = 60;

    public byte[]? Keys { get; private set; }

    public int Profile { get; private set; }

    public override TlsAuthentication GetAuthentication() => this;

    public TlsCredentials GetClientCredentials(CertificateRequest certificateRequest) => identity.Sign(m_context);

    public void NotifyServerCertificate(TlsServerCertificate serverCertificate)
    {
        if (DtlsIdentity.FingerprintOf(serverCertificate.Certificate) != expectedFingerprint)
            throw new TlsFatalAlert(AlertDescription.bad_certificate);
    }

    public override IDictionary<int, byte[]> GetClientExtensions()
    {
        IDictionary<int, byte[]> extensions = base.GetClientExtensions();
        TlsSrtpUtilities.AddUseSrtpExtension(
            extensions, new UseSrtpData([SrtpProtectionProfile.SRTP_AEAD_AES_128_GCM, SrtpProtectionProfile.SRTP_AES128_CM_HMAC_SHA1_80], []));
        return extensions;
    }

    public override void ProcessServerExtensions(IDictionary<int, byte[]> serverExtensions)
    {
        base.ProcessServerExtensions(serverExtensions);
        Profile = TlsSrtpUtilities.GetUseSrtpExtension(serverExtensions).ProtectionProfiles.Single();
    }

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        Keys = m_context.ExportKeyingMaterial(ExporterLabel.dtls_srtp, null, KeyLength);
    }

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();
}
