using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Bench;

/// <summary>Two of the framework's UDP sockets, not connected; who receives blocks on a thread of its own. What the agents are compared with.</summary>
internal sealed class RawPair : IDatagramPair
{
    // As the agents' sockets have it.
    private const int ReceiveBufferSize = 1 << 20;

    private readonly Socket _left = Bind();
    private readonly Socket _right = Bind();
    private readonly SocketAddress _toLeft;
    private readonly SocketAddress _toRight;
    private readonly SocketAddress _source = new(AddressFamily.InterNetwork);
    private readonly byte[] _buffer = new byte[2048];
    private readonly Thread _receiver;
    private volatile bool _ended;

    public RawPair()
    {
        _toLeft = _left.LocalEndPoint!.Serialize();
        _toRight = _right.LocalEndPoint!.Serialize();
        _receiver = new Thread(Receive) { IsBackground = true };
        _receiver.Start();
    }

    public Action? Arrived { get; set; }

    public bool Returns { get; set; }

    public void Send(ReadOnlySpan<byte> datagram) => _left.SendTo(datagram, SocketFlags.None, _toRight);

    public void SendAndReturn(ReadOnlySpan<byte> datagram, double[] microseconds)
    {
        long sent = Stopwatch.GetTimestamp();
        for (int i = 0; i < microseconds.Length; i++)
        {
            _left.SendTo(datagram, SocketFlags.None, _toRight);
            _left.ReceiveFrom(_buffer, SocketFlags.None, _source);
            long now = Stopwatch.GetTimestamp();
            microseconds[i] = Stopwatch.GetElapsedTime(sent, now).TotalMicroseconds;
            sent = now;
        }
    }

    public ValueTask DisposeAsync()
    {
        _ended = true;
        _left.SendTo([0], SocketFlags.None, _toRight);
        _receiver.Join();
        _left.Dispose();
        _right.Dispose();
        return ValueTask.CompletedTask;
    }

    private static Socket Bind()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = ReceiveBufferSize };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private void Receive()
    {
        byte[] buffer = new byte[2048];
        SocketAddress source = new(AddressFamily.InterNetwork);
        while (true)
        {
            int length = _right.ReceiveFrom(buffer, SocketFlags.None, source);
            if (_ended)
                return;
            if (Returns)
                _right.SendTo(buffer.AsSpan(0, length), SocketFlags.None, _toLeft);
            Arrived?.Invoke();
        }
    }
}
