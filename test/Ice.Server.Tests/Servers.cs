using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Turn;

namespace Ice.Server.Tests;

/// <summary>Servers and peers on loopback.</summary>
internal static class Servers
{
    private static readonly Lazy<X509Certificate2> s_certificate = new(static () =>
    {
        using RSA key = RSA.Create(2048);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    });

    public static X509Certificate2 Certificate => s_certificate.Value;

    public static TurnServerOptions Options => new()
    {
        UdpEndPoints = [new(IPAddress.Loopback, 0), new(IPAddress.IPv6Loopback, 0)],
        TcpEndPoints = [new(IPAddress.Loopback, 0)],
        TlsEndPoints = [new(IPAddress.Loopback, 0)],
        Certificate = s_certificate.Value,
        Users = new Dictionary<string, string> { ["alice"] = "secret" },
        Policy = new RelayPolicy { AllowLoopback = true },
    };

    public static async Task<TurnServer> StartAsync(CancellationToken cancellationToken, Func<TurnServerOptions, TurnServerOptions>? change = null)
    {
        var server = new TurnServer(change?.Invoke(Options) ?? Options);
        await server.StartAsync(cancellationToken);
        return server;
    }

    public static Socket Peer(IPAddress address)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(address, 0));
        return socket;
    }

    public static Task<WireClient> ConnectAsync(TurnServer server, string transport, CancellationToken cancellationToken) => transport switch
    {
        "tcp" => WireClient.TcpAsync(server.TcpEndPoints[0], cancellationToken),
        "tls" => WireClient.TlsAsync(server.TlsEndPoints[0], cancellationToken),
        _ => Task.FromResult(WireClient.Udp(server.UdpEndPoints[0])),
    };
}
