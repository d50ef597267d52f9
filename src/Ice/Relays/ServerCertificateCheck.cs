using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Ice;

/// <summary>Checks a TURN server's certificate, always; and remembers what was wrong with it.</summary>
internal sealed class ServerCertificateCheck(IceServer server, string host)
{
    private static readonly SslApplicationProtocol s_turn = new("stun.turn");

    /// <summary>Why the certificate was refused; null when it was not.</summary>
    public string? Problem { get; private set; }

    public SslClientAuthenticationOptions Options => new()
    {
        TargetHost = host,
        // RFC 7443 §2: "The "stun.turn" label identifies the use of TURN usage (D)TLS"
        ApplicationProtocols = [s_turn],
        AllowRenegotiation = false,
        CertificateChainPolicy = server.TrustedRoots is { Count: > 0 } roots ? TrustOnly(roots) : null,
        RemoteCertificateValidationCallback = Check,
    };

    private static X509ChainPolicy TrustOnly(X509Certificate2Collection roots)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }

    private bool Check(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (server.CertificateValidation is { } own)
        {
            bool accepted = own(sender, certificate, chain, errors);
            Problem = accepted ? null : $"the certificate of '{host}' was refused by IceServer.CertificateValidation ({errors})";
            return accepted;
        }

        Problem = errors == SslPolicyErrors.None ? null : Describe(certificate, chain, errors);
        return errors == SslPolicyErrors.None;
    }

    private string Describe(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (certificate is null)
            return $"'{host}' showed no certificate: is there a TLS server at this port?";
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
            return $"the certificate is not for '{host}' but for '{certificate.Subject}': use the name that the certificate has in the server's URL";
        string status = string.Join(", ", (chain?.ChainStatus ?? []).Select(static s => s.Status).Distinct());
        return $"the certificate of '{host}' was refused ({status}): set IceServer.TrustedRoots to the certificate of the authority that issued it, " +
            "or decide yourself in IceServer.CertificateValidation";
    }
}
