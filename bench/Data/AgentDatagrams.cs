using System.Diagnostics;
using System.Net;
using Ice;
using Ice.Net;

namespace Bench;

/// <summary>Two connected agents, whose handlers take what arrives on the loops that receive.</summary>
internal sealed class AgentDatagrams : IDatagramPair
{
    private readonly Signal _returned = new();
    private readonly List<IDatagramSocket> _between = [];
    private readonly IceAgent _left;
    private readonly IceAgent _right;
    private double[] _microseconds = [];
    private int _trips;
    private long _sent;

    private AgentDatagrams(BenchSettings settings, bool shareLoop)
    {
        _left = Make(IceRole.Controlling, settings, (_, datagram, _) => OnReturned(datagram));
        _left.StartGathering();
        if (!shareLoop)
            Separate();
        _right = Make(IceRole.Controlled, settings, (_, datagram, _) => OnArrived(datagram));
        _right.StartGathering();
    }

    public Action? Arrived { get; set; }

    public bool Returns { get; set; }

    /// <summary>Makes the pair.</summary>
    /// <param name="settings">What the command line asked for.</param>
    /// <param name="shareLoop">Whether both agents begin on one thread that receives for them, as two sockets of a process do by themselves; else on two.</param>
    public static async Task<AgentDatagrams> ConnectAsync(BenchSettings settings, bool shareLoop)
    {
        AgentDatagrams pair = new(settings, shareLoop);
        Signal(pair._left, pair._right);
        Signal(pair._right, pair._left);
        await Task.WhenAll(pair._left.ConnectAsync(), pair._right.ConnectAsync());
        return pair;
    }

    public void Send(ReadOnlySpan<byte> datagram)
    {
        if (!_left.TrySend(datagram))
            throw new InvalidOperationException("The agent could not send.");
    }

    public void SendAndReturn(ReadOnlySpan<byte> datagram, double[] microseconds)
    {
        _microseconds = microseconds;
        _trips = 0;
        _sent = Stopwatch.GetTimestamp();
        Send(datagram);
        _returned.Wait();
    }

    public async ValueTask DisposeAsync()
    {
        await _left.DisposeAsync();
        await _right.DisposeAsync();
        _between.ForEach(static socket => socket.Dispose());
    }

    private static IceAgent Make(IceRole role, BenchSettings settings, IceDatagramHandler handler) => new(new IceAgentOptions
    {
        Role = role,
        BindAddresses = [IPAddress.Loopback],
        IncludeLoopback = true,
        DatagramHandler = handler,
        SocketFactory = settings.SocketFactory,
    });

    private static void Signal(IceAgent from, IceAgent to)
    {
        to.SetRemoteParameters(from.LocalParameters);
        foreach (IceCandidate candidate in from.LocalCandidates)
            to.AddRemoteCandidate(candidate);
        to.AddRemoteCandidate(null);
    }

    private void OnArrived(ReadOnlySpan<byte> datagram)
    {
        if (Returns && !_right.TrySend(datagram))
            throw new InvalidOperationException("The agent could not send.");
        Arrived?.Invoke();
    }

    private void OnReturned(ReadOnlySpan<byte> datagram)
    {
        long now = Stopwatch.GetTimestamp();
        _microseconds[_trips++] = Stopwatch.GetElapsedTime(_sent, now).TotalMicroseconds;
        _sent = now;
        if (_trips < _microseconds.Length)
            Send(datagram);
        else
            _returned.Set();
    }

    // A loop takes a few sockets before another is begun: these fill the first.
    private void Separate()
    {
        for (int i = 0; i < 3; i++)
        {
            IDatagramSocket socket = UdpSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
            (socket as IPushDatagramSocket)?.Start(new Nobody(), 1500, trafficClass: false);
            _between.Add(socket);
        }
    }

    private sealed class Nobody : IDatagramReceiver
    {
        public void OnDatagram(ReadOnlySpan<byte> datagram, System.Net.SocketAddress source, TrafficClass? trafficClass)
        {
        }

        public void OnReceiveError(System.Net.Sockets.SocketError error)
        {
        }
    }
}
