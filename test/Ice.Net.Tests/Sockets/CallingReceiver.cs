using System.Net;
using System.Net.Sockets;

namespace Ice.Net.Tests.Sockets;

/// <summary>Calls the test for each datagram, on the loop.</summary>
internal sealed class CallingReceiver(Action<ReadOnlySpan<byte>> onDatagram) : IDatagramReceiver
{
    private int _errors;

    public int Errors => Volatile.Read(ref _errors);

    public void OnDatagram(ReadOnlySpan<byte> datagram, SocketAddress source, TrafficClass? trafficClass) => onDatagram(datagram);

    public void OnReceiveError(SocketError error) => Interlocked.Increment(ref _errors);
}
