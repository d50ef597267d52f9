using System.Net.Security;
using Ice.Net;

namespace Ice.BouncyCastle.Tests;

/// <summary>DTLS over which every second message to the server is lost, beginning with the first.</summary>
internal sealed class LosingSecurity : IDatagramSecurity
{
    public WatchedPipe? Pipe { get; private set; }

    public async Task<IDatagramPipe> ConnectAsync(IDatagramPipe pipe, SslClientAuthenticationOptions options, CancellationToken cancellationToken) =>
        Pipe = new WatchedPipe(await new BouncyCastleDatagramSecurity().ConnectAsync(pipe, options, cancellationToken), losesSent: static i => i % 2 == 0);
}
