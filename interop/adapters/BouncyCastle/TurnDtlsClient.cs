using System.Net;
using System.Net.Security;
using System.Text;
using Org.BouncyCastle.Tls;
using Org.BouncyCastle.Tls.Crypto.Impl.BC;

namespace Ice.BouncyCastle;

/// <summary>BouncyCastle's client, as TURN over DTLS wants it.</summary>
internal sealed class TurnDtlsClient(SslClientAuthenticationOptions options, TimeSpan handshakeTimeout) : DefaultTlsClient(new BcTlsCrypto()), TlsAuthentication
{
    // RFC 7350 §3: "MUST support TLS_DHE_RSA_WITH_AES_128_GCM_SHA256 and TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, and MAY support other cipher suites."
    // "Perfect Forward Secrecy (PFS) cipher suites MUST be preferred over non-PFS cipher suites": there are no others here.
    private static readonly int[] s_cipherSuites =
    [
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        CipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        CipherSuite.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
        CipherSuite.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
        CipherSuite.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
        CipherSuite.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
        CipherSuite.TLS_DHE_RSA_WITH_AES_128_GCM_SHA256,
    ];

    /// <summary>Why the server was refused; null when it was not.</summary>
    public string? Refusal { get; private set; }

    public override int GetHandshakeTimeoutMillis() => (int)handshakeTimeout.TotalMilliseconds;

    public override TlsAuthentication GetAuthentication() => this;

    // Not asked of TURN clients, which prove themselves by their password.
    public TlsCredentials? GetClientCredentials(CertificateRequest certificateRequest) => null;

    public void NotifyServerCertificate(TlsServerCertificate serverCertificate)
    {
        (bool good, SslPolicyErrors errors, Exception? failure) = ServerCertificate.Check(this, options, serverCertificate.Certificate);
        if (good)
            return;
        Refusal = failure is null
            ? $"the certificate of '{options.TargetHost}' was refused ({errors})"
            : $"the certificate of '{options.TargetHost}' could not be checked: {failure.Message}";
        throw new TlsFatalAlert(errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) ? AlertDescription.unknown_ca : AlertDescription.bad_certificate, failure);
    }

    public override void NotifyHandshakeComplete()
    {
        base.NotifyHandshakeComplete();
        // RFC 7301 §3.2: the server selects one of those that the client offered, or none.
        ProtocolName? selected = m_context.SecurityParameters.ApplicationProtocol;
        if (selected is null || GetProtocolNames()?.Contains(selected) == true)
            return;
        Refusal = $"the server chose the application protocol '{selected.GetUtf8Decoding()}', which was not offered";
        throw new TlsFatalAlert(AlertDescription.illegal_parameter);
    }

    protected override ProtocolVersion[] GetSupportedVersions() => ProtocolVersion.DTLSv12.Only();

    protected override int[] GetSupportedCipherSuites() => TlsUtilities.GetSupportedCipherSuites(Crypto, s_cipherSuites);

    // RFC 9155 §2 and §3: no MD5 and no SHA-1; and DSA is of the past.
    protected override IList<SignatureAndHashAlgorithm> GetSupportedSignatureAlgorithms() =>
        [.. base.GetSupportedSignatureAlgorithms().Where(static algorithm => algorithm.Hash is not (HashAlgorithm.md5 or HashAlgorithm.sha1 or HashAlgorithm.sha224) && algorithm.Signature != SignatureAlgorithm.dsa)];

    protected override IList<ProtocolName>? GetProtocolNames() => options.ApplicationProtocols is { Count: > 0 } labels
        ? [.. labels.Select(static label => ProtocolName.AsUtf8Encoding(Encoding.UTF8.GetString(label.Protocol.Span)))]
        : null;

    // RFC 6066 §3: "Literal IPv4 and IPv6 addresses are not permitted in "HostName"."
    protected override IList<ServerName>? GetSniServerNames() => IPAddress.TryParse(options.TargetHost, out _)
        ? null
        : [new ServerName(NameType.host_name, Encoding.ASCII.GetBytes(options.TargetHost!.TrimEnd('.')))];

    // Revocation is not checked, so its status is not asked for.
    protected override CertificateStatusRequest? GetCertificateStatusRequest() => null;
}
