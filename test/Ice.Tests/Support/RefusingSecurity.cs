using System.Net.Security;
using System.Security.Authentication;
using Ice.Net;

namespace Ice.Tests;

/// <summary>In the place of DTLS: every handshake fails.</summary>
internal sealed class RefusingSecurity : IDatagramSecurity
{
    public Task<IDatagramPipe> ConnectAsync(IDatagramPipe pipe, SslClientAuthenticationOptions options, CancellationToken cancellationToken) =>
        throw new AuthenticationException("no such cipher");
}
