using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Ice.Net;
using Microsoft.Extensions.Logging;
using Stun;

namespace Ice;

/// <summary>Drives one <see cref="NatBehaviorProbe"/>: sockets on one local address, a timer, and news for who waits.</summary>
internal sealed class NatProbeRun : IAsyncDisposable
{
    private const int PortAttempts = 8;
    private const int FirstPort = 32_768;

    private readonly Lock _gate = new();
    private readonly Dictionary<NatSocketId, NatProbeSocket> _sockets = [];
    private readonly List<NatProbeSocket> _closed = [];
    private readonly Channel<NatProbeEvent> _news = Channel.CreateUnbounded<NatProbeEvent>(new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = false });
    private readonly byte[] _buffer = new byte[NatBehaviorProbe.MaxTransmitLength];
    private readonly NatDiscoveryOptions _options;
    private readonly ILogger _logger;
    private readonly HostAddress _address;
    private readonly int _servers;
    private readonly long _origin;
    private readonly NatBehaviorProbe _probe;
    private readonly ITimer _timer;
    private int _refused;
    private bool _sent;
    private bool _ended;

    public NatProbeRun(NatDiscoveryOptions options, HostAddress address, NatProbeOptions probe, ILogger logger)
    {
        _options = options;
        _address = address;
        _logger = logger;
        _servers = probe.Servers.Count;
        _origin = options.TimeProvider.GetTimestamp();
        _probe = new NatBehaviorProbe(probe, EntropySource.Secure, Now);
        _timer = options.TimeProvider.CreateTimer(static state => ((NatProbeRun)state!).OnTimer(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private Instant Now => Instant.FromOrigin(_options.TimeProvider.GetElapsedTime(_origin));

    /// <summary>Runs to the end.</summary>
    /// <exception cref="OperationCanceledException">The token ended it.</exception>
    public async Task<NatBehavior> RunAsync(Action<NatProbeEvent> told, CancellationToken cancellationToken)
    {
        lock (_gate)
            Pump();
        await foreach (NatProbeEvent news in _news.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (news is NatProbeEvent.Completed completed)
                return completed.Behavior;
            told(news);
        }

        throw new InvalidOperationException("The probe ended without a result.");
    }

    /// <summary>Closes all sockets and waits until nothing runs any more.</summary>
    public async ValueTask DisposeAsync()
    {
        List<NatProbeSocket> sockets;
        lock (_gate)
        {
            _ended = true;
            sockets = [.. _sockets.Values, .. _closed];
            _sockets.Clear();
        }

        await _timer.DisposeAsync().ConfigureAwait(false);
        foreach (NatProbeSocket socket in sockets)
            await socket.DisposeAsync().ConfigureAwait(false);
    }

    private void OnTimer()
    {
        lock (_gate)
        {
            if (_ended)
                return;
            _probe.HandleTimeout(Now);
            Pump();
        }
    }

    private void OnDatagram(NatSocketId socket, TransportAddress source, ReadOnlySpan<byte> datagram)
    {
        lock (_gate)
        {
            if (_ended)
                return;
            NatProbeDrop drop = _probe.HandleDatagram(socket, source, datagram, Now);
            if (drop != NatProbeDrop.None)
                Log.ProbeDropped(_logger, drop);
            Pump();
        }
    }

    // Runs no code of the application's: what it is to hear goes to a channel.
    private void Pump()
    {
        bool more = true;
        while (more && !_ended)
        {
            more = false;
            while (_probe.TryGetEvent(out NatProbeEvent? value))
                more |= Apply(value);
            while (!_ended && _probe.TryGetTransmit(_buffer, out NatProbeTransmit transmit))
                Send(transmit);
        }

        Instant due = _ended ? Instant.Never : _probe.NextTimeout;
        TimeSpan wait = due - Now;
        _ = _timer.Change(due.IsNever ? Timeout.InfiniteTimeSpan : wait > TimeSpan.Zero ? wait : TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Does what the machine wants done.</summary>
    /// <returns>Whether the machine was told something, so that it has to be drained again.</returns>
    private bool Apply(NatProbeEvent value)
    {
        switch (value)
        {
            case NatProbeEvent.OpenSocket open:
                Open(open.Socket);
                return true;
            case NatProbeEvent.CloseSocket close:
                if (_sockets.Remove(close.Socket, out NatProbeSocket? closed))
                {
                    closed.Close();
                    _closed.Add(closed);
                }

                return false;
            default:
                _ended |= value is NatProbeEvent.Completed;
                _ = _news.Writer.TryWrite(value);
                return false;
        }
    }

    private void Open(NatSocketId id)
    {
        if (TryBind() is not { } bound)
        {
            _probe.HandleSocketFailed(id, Now);
            return;
        }

        var socket = new NatProbeSocket(bound);
        _sockets.Add(id, socket);
        _probe.HandleSocketOpened(id, socket.Local, Now);
        socket.Start((source, datagram) => OnDatagram(id, source, datagram));
    }

    private IDatagramSocket? TryBind()
    {
        Func<IPEndPoint, IDatagramSocket> factory = _options.SocketFactory ?? PortableUdpSocket.Bind;
        // RFC 5780 §4.1: "An application, particularly on an embedded device, should not rely on the host operating system to select the next available
        // port because that might result in the application receiving the same port on each restart." The system's choice is the last resort.
        for (int attempt = 0; ; attempt++)
        {
            int port = attempt < PortAttempts ? FirstPort + (int)(EntropySource.Secure.NextUInt64() % (IPEndPoint.MaxPort + 1 - FirstPort)) : 0;
            try
            {
                return factory(new IPEndPoint(_address.Address, port));
            }
            catch (SocketException exception) when (port != 0)
            {
                Log.ProbePortTaken(_logger, port, exception.SocketErrorCode);
            }
            catch (SocketException exception)
            {
                Log.BindFailed(_logger, _address.InterfaceName, exception.Message);
                return null;
            }
        }
    }

    private void Send(in NatProbeTransmit transmit)
    {
        if (!_sockets.TryGetValue(transmit.Socket, out NatProbeSocket? socket))
            return;
        SocketError error = socket.TrySend(_buffer.AsSpan(0, transmit.Length), transmit.Destination);
        _sent |= error is SocketError.Success or SocketError.WouldBlock;
        if (_sent || ++_refused < _servers)
            return;
        // Not one datagram left: waiting for answers is of no use.
        _ended = true;
        NatBehavior nothing = NatBehavior.Unknown(socket.Local, $"From {_address.Address} the system sends nothing to the servers ({error}): there is no route.");
        _ = _news.Writer.TryWrite(new NatProbeEvent.Completed(nothing));
    }
}
