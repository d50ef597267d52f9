using System.Net;
using System.Security.Cryptography.X509Certificates;
using Ice.Server;
using Ice.Tests;
using SIPSorcery.Net;
using Turn;
using TurnServer = Ice.Server.TurnServer;

namespace Ice.SIPSorcery.Tests;

public sealed class RelayTests
{
    [TestCase("udp")]
    [TestCase("tcp")]
    [TestCase("tls")]
    public async Task A_data_channel_goes_through_a_relay_where_nothing_else_is_allowed(string transport)
    {
        await using TurnServer server = new(new TurnServerOptions
        {
            UdpEndPoints = [new(IPAddress.Loopback, 0)],
            TcpEndPoints = [new(IPAddress.Loopback, 0)],
            TlsEndPoints = [new(IPAddress.Loopback, 0)],
            Certificate = TestCertificate.Instance,
            Users = new Dictionary<string, string> { ["alice"] = "secret" },
            Policy = new RelayPolicy { AllowLoopback = true, AllowOwnAddresses = true },
        });
        await server.StartAsync();
        string url = transport switch
        {
            "tcp" => $"turn:127.0.0.1:{server.TcpEndPoints[0].Port}?transport=tcp",
            "tls" => $"turns:127.0.0.1:{server.TlsEndPoints[0].Port}?transport=tcp",
            _ => $"turn:127.0.0.1:{server.UdpEndPoints[0].Port}",
        };
        await using IcePeerConnection offerer = new(RelayOnly(url));
        await using IcePeerConnection answerer = new(RelayOnly(url));
        EchoChannel channel = await EchoChannel.CreateAsync(offerer, answerer);
        Signaling.Trickle(offerer, answerer);
        Signaling.Negotiate(offerer, answerer);
        await Signaling.ConnectedAsync(offerer, answerer);
        await channel.EchoAsync(100);
        Assert.That(offerer.SelectedPair!.Local.Type, Is.EqualTo(IceCandidateType.Relayed));
        Assert.That(answerer.SelectedPair!.Local.Type, Is.EqualTo(IceCandidateType.Relayed));
    }

    [Test]
    public async Task A_server_whose_certificate_is_not_trusted_gives_no_candidate()
    {
        await using TurnServer server = new(new TurnServerOptions
        {
            TlsEndPoints = [new(IPAddress.Loopback, 0)],
            Certificate = TestCertificate.Instance,
            Users = new Dictionary<string, string> { ["alice"] = "secret" },
        });
        await server.StartAsync();
        IceRTCConfiguration configuration = RelayOnly($"turns:127.0.0.1:{server.TlsEndPoints[0].Port}");
        configuration.X_ConfigureAgent = null;
        await using IcePeerConnection connection = new(configuration);
        TaskCompletionSource complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
        void Look(RTCIceGatheringState state)
        {
            if (state == RTCIceGatheringState.complete)
                complete.TrySetResult();
        }

        connection.onicegatheringstatechange += Look;
        Look(connection.iceGatheringState);
        await complete.Task.WaitAsync(Connections.Limit);
        Assert.That(connection.GetRtpChannel().Candidates, Is.Empty);
    }

    private static IceRTCConfiguration RelayOnly(string url) => new()
    {
        X_BindAddress = IPAddress.Loopback,
        iceTransportPolicy = RTCIceTransportPolicy.relay,
        iceServers = [new RTCIceServer { urls = url, username = "alice", credential = "secret" }],
        X_ConfigureAgent = static options => options with
        {
            Servers = [.. options.Servers.Select(static server => server with { TrustedRoots = [X509CertificateLoader.LoadCertificate(TestCertificate.Instance.RawData)] })],
        },
    };
}
