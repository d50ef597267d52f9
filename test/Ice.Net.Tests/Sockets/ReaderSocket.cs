using System.Net;

namespace Ice.Net.Tests.Sockets;

/// <summary>Sockets of which a test says whether they get a reader.</summary>
internal static class ReaderSocket
{
    // More than any test needs, however few processors there are.
    private const int Readers = 32;

    /// <summary>Binds one that gets a reader with its first datagram, or none.</summary>
    public static LinuxUdpSocket Bind(bool getsReader, string address = "127.0.0.1")
    {
        UdpReader.Limit = Readers;
        LinuxUdpSocket socket = LinuxUdpSocket.Bind(new IPEndPoint(IPAddress.Parse(address), 0));
        socket.SinglesBeforeReader = getsReader ? 1 : int.MaxValue;
        return socket;
    }

    /// <summary>Has it send to itself until it has its reader: what it is given until then is of one byte.</summary>
    public static void TakeReader(this LinuxUdpSocket socket)
    {
        bool taken = SpinWait.SpinUntil(
            () =>
            {
                socket.TrySendTo([0], socket.LocalEndPoint.Serialize());
                return SpinWait.SpinUntil(() => socket.HasReader, 100);
            },
            10_000);
        Assert.That(taken, Is.True, "it got no reader");
    }
}
