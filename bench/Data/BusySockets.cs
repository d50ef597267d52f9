using System.Net;
using System.Net.Sockets;
using Ice.Net;

namespace Bench;

/// <summary>
/// Sockets to which datagrams have come one by one, so that the library has given each a thread: all that it gives but two. What is measured
/// after them shares a loop, as sockets do in a process that has many.
/// </summary>
internal sealed class BusySockets : IDisposable
{
    // The library looks at fewer.
    private const int Datagrams = 100;

    private readonly List<IDatagramSocket> _sockets = [];

    public BusySockets()
    {
        for (int i = 2; i < Environment.ProcessorCount; i++)
            _sockets.Add(Occupy());
    }

    public void Dispose() => _sockets.ForEach(static socket => socket.Dispose());

    private static IDatagramSocket Occupy()
    {
        IDatagramSocket socket = UdpSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        if (socket is not IPushDatagramSocket pushing)
            return socket;
        Signal arrived = new();
        pushing.Start(new Receiver(arrived), 1, trafficClass: false);
        SocketAddress self = socket.LocalEndPoint.Serialize();
        for (int i = 0; i < Datagrams; i++)
        {
            _ = socket.TrySendTo([1], self);
            arrived.Wait();
        }

        return socket;
    }

    private sealed class Receiver(Signal arrived) : IDatagramReceiver
    {
        public void OnDatagram(ReadOnlySpan<byte> datagram, SocketAddress source, TrafficClass? trafficClass) => arrived.Set();

        public void OnReceiveError(SocketError error)
        {
        }
    }
}
