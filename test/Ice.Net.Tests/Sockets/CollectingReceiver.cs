using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Ice.Net.Tests.Sockets;

/// <summary>Keeps what a shared loop hands over.</summary>
internal sealed class CollectingReceiver : IDatagramReceiver
{
    public Channel<Arrived> Datagrams { get; } = Channel.CreateUnbounded<Arrived>();

    public Channel<SocketError> Errors { get; } = Channel.CreateUnbounded<SocketError>();

    public void OnDatagram(ReadOnlySpan<byte> datagram, SocketAddress source, TrafficClass? trafficClass)
    {
        IPEndPoint any = new(source.Family == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        Datagrams.Writer.TryWrite(new Arrived(datagram.ToArray(), (IPEndPoint)any.Create(source), trafficClass));
    }

    public void OnReceiveError(SocketError error) => Errors.Writer.TryWrite(error);
}
