using System.Net.Security;
using Ice.Net;

namespace Ice.Tests;

/// <summary>In the place of DTLS: a handshake that never ends by itself.</summary>
internal sealed class StuckSecurity : IDatagramSecurity
{
    public async Task<IDatagramPipe> ConnectAsync(IDatagramPipe pipe, SslClientAuthenticationOptions options, CancellationToken cancellationToken)
    {
        await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        return pipe;
    }
}
