using System.Net;
using System.Net.Sockets;
using Ice.Net;
using Microsoft.Extensions.Logging;

namespace Ice;

/// <summary>Receives for one socket of a mux, and hands each datagram to its owner, on the same loop.</summary>
internal sealed class MuxReceiver : IDatagramReceiver, IAsyncDisposable
{
    // An error that repeats without a datagram in between is no ICMP echo of something sent: the socket is gone.
    private const int MaxConsecutiveErrors = 100;

    private readonly CancellationTokenSource _stop = new();
    private readonly MuxPort _port;
    private readonly IDatagramSocket _socket;
    private readonly int _maxDatagramSize;
    private readonly bool _trafficClass;
    private readonly ILogger _logger;
    private int _consecutiveErrors;
    private Task _completion = Task.CompletedTask;

    public MuxReceiver(MuxPort port, IDatagramSocket socket, IceUdpMuxOptions options, ILogger logger)
    {
        _port = port;
        _socket = socket;
        _maxDatagramSize = options.MaxDatagramSize;
        _trafficClass = options.ReceiveTrafficClass;
        _logger = logger;
    }

    public MuxCounters Counters { get; } = new();

    public void Start() => _completion = TryPush() ?? ReceiveLoop.RunAsync(_socket, this, _maxDatagramSize, _trafficClass, _stop.Token);

    /// <inheritdoc/>
    public void OnDatagram(ReadOnlySpan<byte> datagram, SocketAddress source, TrafficClass? trafficClass)
    {
        _consecutiveErrors = 0;
        if (datagram.Length > _maxDatagramSize)
        {
            Counters.CountOversized();
            return;
        }

#pragma warning disable CA1031 // the loop of all agents: a defect in handling one datagram must not end the reception of all others
        try
        {
            MuxSocket? owner = _port.Router.Route(datagram, SocketAddressCodec.Read(source), out MuxVerdict verdict);
            Counters.Count(verdict);
            if (owner is not null && !owner.Deliver(datagram, source, trafficClass))
                Counters.CountUnowned();
        }
        catch (Exception exception)
        {
            Log.DatagramFailed(_logger, exception);
        }
#pragma warning restore CA1031
    }

    /// <inheritdoc/>
    public void OnReceiveError(SocketError error)
    {
        // Windows reports what does not fit the buffer as an error; others cut it off.
        if (error == SocketError.MessageSize)
        {
            Counters.CountOversized();
            return;
        }

        Counters.CountReceiveError();
        Log.ReceiveError(_logger, _port.LocalEndPoint, error);
        // Echoes of ICMP about something sent earlier: anybody can cause them, so that they must not cost the socket.
        if (error is SocketError.ConnectionReset or SocketError.ConnectionRefused or SocketError.NetworkReset
            or SocketError.HostUnreachable or SocketError.NetworkUnreachable)
            return;
        if (++_consecutiveErrors < MaxConsecutiveErrors)
            return;
        Log.MuxPortLost(_logger, _port.Address.InterfaceName, error);
        Close();
        _port.Lost?.Invoke(_port);
    }

    public void Close()
    {
        _stop.Cancel();
        _socket.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        Close();
        await _completion.ConfigureAwait(false);
        _stop.Dispose();
    }

    private Task? TryPush()
    {
        if (_socket is not IPushDatagramSocket pushing)
            return null;
        try
        {
            pushing.Start(this, _maxDatagramSize, _trafficClass);
            return pushing.Completion;
        }
        catch (SocketException)
        {
            // No thread or descriptor is left for a loop to share: the socket can be asked instead.
            return null;
        }
    }
}
