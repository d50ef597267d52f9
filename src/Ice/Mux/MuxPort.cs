using System.Net;
using System.Net.Sockets;
using Ice.Net;
using Microsoft.Extensions.Logging;
using Stun;

namespace Ice;

/// <summary>One local address and port of a mux: its sockets, and who is to be found behind them.</summary>
internal sealed class MuxPort : IPathMtuObserver, IAsyncDisposable
{
    private readonly IDatagramSocket[] _sockets;
    private readonly MuxReceiver[] _receivers;
    private readonly ILogger _logger;
    private int _nextSocket;
    private bool _warned;

    public MuxPort(HostAddress address, IDatagramSocket[] sockets, IceUdpMuxOptions options, ILogger logger)
    {
        Address = address;
        LocalEndPoint = sockets[0].LocalEndPoint;
        _sockets = sockets;
        _logger = logger;
        _receivers = [.. sockets.Select(socket => new MuxReceiver(this, socket, options, logger))];
        foreach (IDatagramSocket socket in sockets)
        {
            if (socket is IPathMtuSocket tells)
                tells.PathMtuObserver = this;
        }
    }

    public HostAddress Address { get; }

    public IPEndPoint LocalEndPoint { get; }

    public MuxRouter<MuxSocket> Router { get; } = new();

    /// <summary>Whether several loops receive.</summary>
    public bool IsSharded => _sockets.Length > 1;

    /// <summary>One for each socket.</summary>
    public IReadOnlyList<MuxReceiver> Receivers => _receivers;

    /// <summary>The sockets fail for good; called on a receive loop.</summary>
    public Action<MuxPort>? Lost { get; set; }

    public void Start() => Array.ForEach(_receivers, static receiver => receiver.Start());

    /// <summary>What an agent is to send and receive with; the agents take the sockets in turn to send with.</summary>
    public MuxSocket CreateSocket() => MuxSocket.Create(this, _sockets[(uint)Interlocked.Increment(ref _nextSocket) % (uint)_sockets.Length]);

    /// <summary>An agent has heard its peer from an address.</summary>
    public void Claim(TransportAddress address, MuxSocket owner, bool validated)
    {
        if (!Router.Claim(address, owner, validated) && Interlocked.Exchange(ref _warned, true) == false)
            Log.MuxAddressShared(_logger, Address.InterfaceName);
    }

    /// <inheritdoc/>
    public void OnPathMtuLowered(SocketAddress destination) =>
        Router.Find(SocketAddressCodec.Read(destination))?.PathMtuObserver?.OnPathMtuLowered(destination);

    /// <summary>Closes the sockets and waits for the loops.</summary>
    public async ValueTask DisposeAsync()
    {
        Array.ForEach(_receivers, static receiver => receiver.Close());
        foreach (MuxReceiver receiver in _receivers)
            await receiver.DisposeAsync().ConfigureAwait(false);
    }
}
