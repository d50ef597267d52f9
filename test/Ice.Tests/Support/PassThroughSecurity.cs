using System.Collections.Concurrent;
using Ice.Net;

namespace Ice.Tests;

/// <summary>In the place of DTLS: it protects nothing and remembers for whom it was asked.</summary>
internal sealed class PassThroughSecurity : IDatagramSecurity
{
    public ConcurrentQueue<string> Hosts { get; } = [];

    public Task<IDatagramPipe> ConnectAsync(IDatagramPipe pipe, string hostName, CancellationToken cancellationToken)
    {
        Hosts.Enqueue(hostName);
        return Task.FromResult(pipe);
    }
}
