using System.Collections.Concurrent;
using System.Net.Security;
using Ice.Net;

namespace Ice.Tests;

/// <summary>In the place of DTLS: it protects nothing and remembers what it was asked for.</summary>
internal sealed class PassThroughSecurity : IDatagramSecurity
{
    public ConcurrentQueue<SslClientAuthenticationOptions> Options { get; } = [];

    public Task<IDatagramPipe> ConnectAsync(IDatagramPipe pipe, SslClientAuthenticationOptions options, CancellationToken cancellationToken)
    {
        Options.Enqueue(options);
        return Task.FromResult(pipe);
    }
}
