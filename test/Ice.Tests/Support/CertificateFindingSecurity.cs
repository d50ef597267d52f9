using System.Net.Security;
using System.Security.Authentication;
using Ice.Net;

namespace Ice.Tests;

/// <summary>In the place of DTLS: the server shows a certificate, with which something is wrong.</summary>
internal sealed class CertificateFindingSecurity(SslPolicyErrors errors) : IDatagramSecurity
{
    public Task<IDatagramPipe> ConnectAsync(IDatagramPipe pipe, SslClientAuthenticationOptions options, CancellationToken cancellationToken) =>
        options.RemoteCertificateValidationCallback!(this, TestCertificate.Instance, null, errors)
            ? Task.FromResult(pipe)
            : throw new AuthenticationException("the certificate was refused");
}
