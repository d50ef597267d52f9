using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Bench;

/// <summary>What a datagram there and back takes plain blocking sockets: the least that anything over the same path can take.</summary>
internal static class RawRoundTrip
{
    private const int Size = 100;
    private const int Timeout = 5000;

    /// <summary>Over loopback itself.</summary>
    /// <returns>Milliseconds, one for each time.</returns>
    public static IReadOnlyList<double> Measure(int times)
    {
        using Socket here = Bind();
        using Socket there = Bind();
        return Measure(times, here, there, (IPEndPoint)there.LocalEndPoint!);
    }

    /// <summary>Through the delay proxy.</summary>
    /// <param name="times">How often.</param>
    /// <param name="roundTrip">R.</param>
    /// <param name="passages">How often a datagram passes the proxy on its way there and back: 2, or 6 as with a relay for each side.</param>
    /// <param name="lateness">Gets by how many microseconds each passage was late.</param>
    /// <returns>Milliseconds, one for each time.</returns>
    public static IReadOnlyList<double> Measure(int times, TimeSpan roundTrip, int passages, List<double> lateness)
    {
        using Socket here = Bind();
        using Socket there = Bind();
        using DelayProxy proxy = new(roundTrip / passages);
        (DelayPort near, DelayPort far) = proxy.AddLink();
        for (int link = 1; link < passages / 2; link++)
        {
            (DelayPort next, DelayPort last) = proxy.AddLink();
            far.SetPeer(next.EndPoint);
            next.SetPeer(far.EndPoint);
            far = last;
        }

        far.SetPeer((IPEndPoint)there.LocalEndPoint!);
        proxy.Start();
        IReadOnlyList<double> measured = Measure(times, here, there, near.EndPoint);
        proxy.Dispose();
        lateness.AddRange(proxy.Lateness);
        return measured;
    }

    private static List<double> Measure(int times, Socket here, Socket there, IPEndPoint destination)
    {
        Thread echo = new(() => Echo(there, times)) { IsBackground = true };
        echo.Start();
        byte[] datagram = new byte[Size];
        List<double> milliseconds = new(times);
        for (int i = 0; i < times; i++)
        {
            long start = Stopwatch.GetTimestamp();
            _ = here.SendTo(datagram, destination);
            _ = here.Receive(datagram);
            milliseconds.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
        }

        echo.Join();
        return milliseconds;
    }

    private static void Echo(Socket socket, int times)
    {
        byte[] buffer = new byte[Size];
        EndPoint source = new IPEndPoint(IPAddress.Any, 0);
        for (int i = 0; i < times; i++)
        {
            int length = socket.ReceiveFrom(buffer, ref source);
            _ = socket.SendTo(buffer.AsSpan(0, length), source);
        }
    }

    private static Socket Bind()
    {
        Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = Timeout };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
