using System.Net;
using System.Net.Sockets;

namespace CoturnInterop;

/// <summary>Ports on which a coturn can listen: it takes the one after it too (RFC 5780), over UDP and TCP.</summary>
internal static class FreePorts
{
    private static int s_next = 24000 + (Environment.ProcessId % 500 * 10);

    public static int Next()
    {
        while (true)
        {
            int port = s_next;
            s_next += 2;
            if (IsFree(port) && IsFree(port + 1))
                return port;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            udp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
