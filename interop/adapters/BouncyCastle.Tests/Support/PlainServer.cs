using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Ice.BouncyCastle.Tests;

/// <summary>A DTLS server that asks nothing of its clients.</summary>
internal sealed class PlainServer(DtlsIdentity identity) : DefaultTlsServer(new BcTlsCrypto())
{
    protected override TlsCredentialedSigner GetECDsaSignerCredentials() => identity.Sign(m_context);

    protected override int[] GetSupportedCipherSuites() => [CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256];

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();
}
