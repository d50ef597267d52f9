using System.Net;
using Ice.Server;
using Turn;

namespace Ice.Tests;

/// <summary>A TURN server on loopback, over every transport, and agents that use it.</summary>
internal sealed class TurnRig : IAsyncDisposable
{
    private TurnRig(TurnServer server) => Server = server;

    public TurnServer Server { get; }

    public static async Task<TurnRig> StartAsync(int tcpPort = 0)
    {
        TurnServer server = new(new TurnServerOptions
        {
            UdpEndPoints = [new(IPAddress.Loopback, 0)],
            TcpEndPoints = [new(IPAddress.Loopback, tcpPort)],
            TlsEndPoints = [new(IPAddress.Loopback, 0)],
            Certificate = TestCertificate.Instance,
            Users = new Dictionary<string, string> { ["alice"] = "secret" },
            Policy = new RelayPolicy { AllowLoopback = true, AllowOwnAddresses = true },
        });
        await server.StartAsync();
        return new TurnRig(server);
    }

    /// <summary>The server over udp, tcp, tls or dtls.</summary>
    public IceServer Over(string transport, string host = TestCertificate.Host) => new(
        transport switch
        {
            "tcp" => $"turn:{host}:{Server.TcpEndPoints[0].Port}?transport=tcp",
            "tls" => $"turns:{host}:{Server.TlsEndPoints[0].Port}",
            "dtls" => $"turns:{host}:{Server.UdpEndPoints[0].Port}?transport=udp",
            _ => $"turn:{host}:{Server.UdpEndPoints[0].Port}",
        },
        "alice",
        "secret")
    {
        TrustedRoots = [TestCertificate.Instance],
    };

    /// <summary>An agent that uses relays only.</summary>
    public static IceAgentOptions RelayOnly(IceAgentOptions options, IceServer server) => options with
    {
        Servers = [server],
        Policy = IceTransportPolicy.Relay,
        NameResolver = new TableResolver((TestCertificate.Host, "127.0.0.1"), ("other.example.org", "127.0.0.1")),
    };

    public ValueTask DisposeAsync() => Server.DisposeAsync();
}
