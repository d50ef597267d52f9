using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Stun;
using Turn;

namespace Ice.Server;

/// <summary>The listening sockets of a server while it starts: all of them, or after a failure none.</summary>
internal sealed class OpenedSockets : IDisposable
{
    private const int MaxAttempts = 20;

    private readonly List<Socket> _all = [];
    private bool _kept;

    public OpenedSockets(TurnServerOptions options)
    {
        try
        {
            if (options.AlternateUdpEndPoint is { } alternate)
                BindBehavior(options.UdpEndPoints[0], alternate);
            foreach (IPEndPoint endPoint in options.UdpEndPoints.Skip(options.AlternateUdpEndPoint is null ? 0 : 1).SelectMany(Expand))
                Udp.Add(Remember(ServerSockets.BindUdp(endPoint)));
            foreach (IPEndPoint endPoint in options.TcpEndPoints.SelectMany(Expand))
                Tcp.Add(Remember(ServerSockets.ListenTcp(endPoint, shared: false)));
            foreach (IPEndPoint endPoint in options.TlsEndPoints.SelectMany(Expand))
                Tls.Add(Remember(ServerSockets.ListenTcp(endPoint, shared: false)));
            if (_all.Count == 0)
                throw new IOException("No interface has an address that the endpoints stand for: name an address to listen on.");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public List<Socket> Udp { get; } = [];

    public List<Socket> Tcp { get; } = [];

    public List<Socket> Tls { get; } = [];

    public BehaviorAddresses? Behavior { get; private set; }

    /// <summary>Every address that is listened on.</summary>
    public IEnumerable<IPEndPoint> EndPoints => _all.Select(s => (IPEndPoint)s.LocalEndPoint!);

    /// <summary>Leaves the sockets open: they have another owner now.</summary>
    public void Keep() => _kept = true;

    public void Dispose()
    {
        if (_kept)
            return;
        foreach (Socket socket in _all)
            socket.Dispose();
    }

    private static IEnumerable<IPEndPoint> Expand(IPEndPoint endPoint)
    {
        if (!endPoint.Address.Equals(IPAddress.Any) && !endPoint.Address.Equals(IPAddress.IPv6Any))
            return [endPoint];
        // RFC 8489 §6.3.1.2: "the source IP address and port of the response are equal to the destination IP address and port of the received
        // request message": with one socket for each address the system sees to that.
        return NetworkInterface.GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .Where(a => a.AddressFamily == endPoint.AddressFamily)
            .Distinct()
            .Select(a => new IPEndPoint(a, endPoint.Port));
    }

    private Socket Remember(Socket socket)
    {
        _all.Add(socket);
        return socket;
    }

    // RFC 5780 §6: "On startup, the server SHOULD allocate a pair of ports for each of the UDP, TCP, and TCP/TLS transport protocols, such that it can
    // send and receive datagrams using the same ports on each IP address".
    private void BindBehavior(IPEndPoint primary, IPEndPoint alternate)
    {
        for (int attempt = 1; ; attempt++)
        {
            var bound = new List<Socket>();
            try
            {
                bound.Add(ServerSockets.BindUdp(primary));
                bound.Add(ServerSockets.BindUdp(alternate));
                var first = (IPEndPoint)bound[0].LocalEndPoint!;
                var second = (IPEndPoint)bound[1].LocalEndPoint!;
                bound.Add(ServerSockets.BindUdp(new IPEndPoint(first.Address, second.Port)));
                bound.Add(ServerSockets.BindUdp(new IPEndPoint(second.Address, first.Port)));
                Behavior = new BehaviorAddresses(TransportAddress.FromIPAddress(first.Address, first.Port), TransportAddress.FromIPAddress(second.Address, second.Port));
                Udp.AddRange(bound.Select(Remember));
                return;
            }
            catch (Exception exception) when (exception is IOException or ArgumentException)
            {
                foreach (Socket socket in bound)
                    socket.Dispose();
                // Free ports of one address may be taken at the other.
                if (attempt == MaxAttempts || (primary.Port != 0 && alternate.Port != 0))
                    throw;
            }
        }
    }
}
