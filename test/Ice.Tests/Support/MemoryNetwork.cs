using System.Collections.Concurrent;
using System.Net;
using Ice.Net;

namespace Ice.Tests;

/// <summary>A network in memory: what is sent to an address arrives at the socket bound to it, unless the test forbids it.</summary>
internal sealed class MemoryNetwork
{
    private readonly ConcurrentDictionary<IPEndPoint, MemorySocket> _sockets = new();
    private int _nextPort = 50_000;

    /// <summary>Sockets that are open.</summary>
    public int OpenSockets => _sockets.Count;

    /// <summary>Decides which datagrams arrive, by sender and receiver; all do when it is null.</summary>
    public Func<IPEndPoint, IPEndPoint, bool>? Passes { get; set; }

    /// <summary>The socket factory for an agent.</summary>
    public IDatagramSocket Bind(IPEndPoint endPoint) => BindSocket(endPoint);

    public MemorySocket BindSocket(IPEndPoint endPoint)
    {
        int port = endPoint.Port == 0 ? Interlocked.Increment(ref _nextPort) : endPoint.Port;
        MemorySocket socket = new(this, new IPEndPoint(endPoint.Address, port));
        Assert.That(_sockets.TryAdd(socket.LocalEndPoint, socket), Is.True, $"{socket.LocalEndPoint} is bound twice");
        return socket;
    }

    /// <summary>The socket on an address.</summary>
    public MemorySocket Find(EndPoint endPoint) => _sockets[(IPEndPoint)endPoint];

    public void Deliver(IPEndPoint from, IPEndPoint to, byte[] datagram)
    {
        if ((Passes?.Invoke(from, to) ?? true) && _sockets.TryGetValue(to, out MemorySocket? socket))
            socket.Arrive(from, datagram);
    }

    /// <summary>Waits until every datagram has been dealt with by its receiver.</summary>
    public async Task WaitUntilIdleAsync()
    {
        using CancellationTokenSource timeout = new(AgentPair.Limit);
        while (!_sockets.Values.All(static socket => socket.IsIdle))
        {
            timeout.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }

    public void Close(MemorySocket socket) => _sockets.TryRemove(socket.LocalEndPoint, out _);
}
