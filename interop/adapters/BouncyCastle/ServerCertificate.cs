using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Org.BouncyCastle.Tls;

namespace Ice.BouncyCastle;

/// <summary>Checks a server's certificate with .NET's own means, as <see cref="SslStream"/> does.</summary>
internal static class ServerCertificate
{
    private static readonly Oid s_serverAuthentication = new("1.3.6.1.5.5.7.3.1");

    /// <summary>Checks the chain and the name, and lets the callback of the options decide where there is one.</summary>
    /// <returns>Whether the certificate is good, what is wrong with it, and what the callback threw.</returns>
    public static (bool Good, SslPolicyErrors Errors, Exception? Failure) Check(object sender, SslClientAuthenticationOptions options, Certificate shown)
    {
#pragma warning disable CA1031 // a certificate that cannot be read, and an application's callback, may throw anything; the server is then refused
        try
        {
            // Not disposed of: the callback may keep the certificate.
            X509Certificate2[] certificates = [.. shown.GetCertificateList().Select(static certificate => X509CertificateLoader.LoadCertificate(certificate.GetEncoded()))];
            X509Certificate2? certificate = certificates.FirstOrDefault();
            using X509Chain chain = new() { ChainPolicy = Policy(options) };
            SslPolicyErrors errors = SslPolicyErrors.None;
            if (certificate is null)
            {
                errors = SslPolicyErrors.RemoteCertificateNotAvailable;
            }
            else
            {
                chain.ChainPolicy.ExtraStore.AddRange(certificates[1..]);
                if (!chain.Build(certificate))
                    errors |= SslPolicyErrors.RemoteCertificateChainErrors;
                if (!certificate.MatchesHostname(options.TargetHost!.TrimEnd('.')))
                    errors |= SslPolicyErrors.RemoteCertificateNameMismatch;
            }

            bool good = options.RemoteCertificateValidationCallback?.Invoke(sender, certificate, chain, errors) ?? errors == SslPolicyErrors.None;
            return (good, errors, null);
        }
        catch (Exception exception)
        {
            return (false, SslPolicyErrors.None, exception);
        }
#pragma warning restore CA1031
    }

    private static X509ChainPolicy Policy(SslClientAuthenticationOptions options)
    {
        X509ChainPolicy policy = options.CertificateChainPolicy?.Clone() ?? new X509ChainPolicy { RevocationMode = options.CertificateRevocationCheckMode };
        if (policy.ApplicationPolicy.Count == 0)
            policy.ApplicationPolicy.Add(s_serverAuthentication);
        return policy;
    }
}
