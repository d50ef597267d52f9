using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Bench;
using Ice.Net;
using Ice.Server;
using Turn;

namespace Ice.Tests;

/// <summary>Application data through a TURN server on loopback sockets.</summary>
public sealed class RelayedDataTests
{
    private const int RoundTrips = 2_000;
    private const int Attempts = 5;

    [Test]
    public async Task Two_thousand_round_trips_through_TURN_channels_allocate_nothing()
    {
        using RunningRelayHost host = new();
        await using AgentPair pair = await ConnectedAsync(host);
        // All threads are counted, those of the test host among them: one clean attempt shows that the agents allocate nothing.
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least >= RoundTrips; attempt++)
            least = Math.Min(least, await Task.Run(() => MeasureAsync(pair.Left, pair.Right)));
        Assert.Multiple(() =>
        {
            Assert.That(least / (double)RoundTrips, Is.LessThan(1), $"{least} bytes in {RoundTrips} round trips");
            Assert.That(host.ChannelDataReceived, Is.GreaterThan(2 * RoundTrips), "both sent through channels");
            Assert.That(host.ChannelDataSent, Is.GreaterThan(2 * RoundTrips), "both received through channels");
        });
    }

    [Test]
    public async Task Two_thousand_round_trips_through_the_products_own_server_allocate_nothing()
    {
        await using TurnServer server = new(new TurnServerOptions
        {
            UdpEndPoints = [new IPEndPoint(IPAddress.Loopback, 0)],
            Users = new Dictionary<string, string> { [RelayHost.User] = RelayHost.Password },
            Policy = new RelayPolicy { AllowLoopback = true },
        });
        await server.StartAsync();
        IceServer relay = new($"turn:{server.UdpEndPoints[0]}", RelayHost.User, RelayHost.Password);
        await using AgentPair pair = await AgentPair.ConnectedAsync(Relayed, Relayed);
        long least = long.MaxValue;
        for (int attempt = 0; attempt < Attempts && least >= RoundTrips; attempt++)
            least = Math.Min(least, await Task.Run(() => MeasureAsync(pair.Left, pair.Right)));
        Assert.That(least / (double)RoundTrips, Is.LessThan(1), $"{least} bytes in {RoundTrips} round trips");

        IceAgentOptions Relayed(IceAgentOptions options) => options with { Policy = IceTransportPolicy.Relay, Servers = [relay] };
    }

    [Test]
    public async Task Data_of_a_channel_is_sent_and_received_without_the_agents_locks()
    {
        using RunningRelayHost host = new();
        LockHoldingClock clock = new();
        await using AgentPair pair = await ConnectedAsync(host, options => options with { TimeProvider = clock });
        byte[] buffer = new byte[100];
        using IDisposable locks = clock.HoldLocks(pair.Left, pair.Right);
        Task<IceReceiveResult> receiving = pair.Right.ReceiveAsync(buffer).AsTask();
        await pair.Left.SendAsync("through"u8.ToArray());
        IceReceiveResult result = await receiving.WaitAsync(AgentPair.Limit);
        Assert.That(Encoding.ASCII.GetString(buffer, 0, result.Length), Is.EqualTo("through"));
    }

    [TestCase(0)]
    [TestCase(1)]
    [TestCase(1200)]
    [TestCase(2044)]
    public async Task Datagrams_of_any_length_arrive_whole_through_a_channel(int length)
    {
        using RunningRelayHost host = new();
        await using AgentPair pair = await ConnectedAsync(host);
        byte[] data = [.. Enumerable.Range(0, length).Select(static i => (byte)(i + 7))];
        byte[] buffer = new byte[4096];
        await pair.Left.SendAsync(data);
        using CancellationTokenSource timeout = new(AgentPair.Limit);
        IceReceiveResult result = await pair.Right.ReceiveAsync(buffer, timeout.Token);
        Assert.Multiple(() =>
        {
            Assert.That(buffer.AsSpan(0, result.Length).ToArray(), Is.EqualTo(data));
            Assert.That(result.Remote, Is.EqualTo(pair.Right.SelectedPair!.Remote.Address));
        });
    }

    [Test]
    public async Task What_a_channel_cannot_frame_is_refused_by_name()
    {
        using RunningRelayHost host = new();
        await using AgentPair pair = await ConnectedAsync(host);
        IceException refused = Assert.ThrowsAsync<IceException>(() => pair.Left.SendAsync(new byte[65_536]).AsTask())!;
        IceException tried = Assert.Throws<IceException>(() => pair.Left.TrySend(new byte[65_536]))!;
        Assert.Multiple(() =>
        {
            Assert.That(refused.Error, Is.EqualTo(IceError.DatagramTooLarge));
            Assert.That(tried.Error, Is.EqualTo(IceError.DatagramTooLarge));
        });
    }

    [Test]
    public async Task Forged_channel_data_from_other_sockets_and_of_other_channels_is_dropped()
    {
        using RunningRelayHost host = new();
        List<IPEndPoint> clients = [];
        await using AgentPair pair = await ConnectedAsync(host, options => options with { SocketFactory = local => Remember(PortableUdpSocket.Bind(local)) });
        using Socket stranger = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        stranger.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        foreach (IPEndPoint client in clients)
        {
            stranger.SendTo([0x40, 0x00, 0x00, 0x03, 1, 2, 3], client);
            host.SendToClient([0x4F, 0xFF, 0x00, 0x03, 1, 2, 3], client);
            host.SendToClient([0x40, 0x00, 0x00, 0x09, 1, 2, 3], client);
            host.SendToClient([0x40, 0x00, 0x00], client);
        }

        Assert.That(await EchoAsync(pair, 1), Is.EqualTo("1"), "the first datagram that arrives is the first one that the peer sent");
        Assert.That(clients, Has.Count.EqualTo(2));

        IDatagramSocket Remember(PortableUdpSocket socket)
        {
            clients.Add(socket.LocalEndPoint);
            return socket;
        }
    }

    private static async Task<string> EchoAsync(AgentPair pair, int number)
    {
        byte[] buffer = new byte[100];
        using CancellationTokenSource timeout = new(AgentPair.Limit);
        await pair.Left.SendAsync(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)), timeout.Token);
        int length = (await pair.Right.ReceiveAsync(buffer, timeout.Token)).Length;
        return Encoding.ASCII.GetString(buffer, 0, length);
    }

    // Connected, and both channels in use.
    private static async Task<AgentPair> ConnectedAsync(RunningRelayHost host, Func<IceAgentOptions, IceAgentOptions>? also = null)
    {
        AgentPair pair = await AgentPair.ConnectedAsync(Relayed, Relayed);
        byte[] buffer = new byte[100];
        using CancellationTokenSource timeout = new(AgentPair.Limit);
        long received;
        long sent;
        do
        {
            (received, sent) = (host.ChannelDataReceived, host.ChannelDataSent);
            await pair.Left.SendAsync("."u8.ToArray(), timeout.Token);
            await pair.Right.ReceiveAsync(buffer, timeout.Token);
            await pair.Right.SendAsync("."u8.ToArray(), timeout.Token);
            await pair.Left.ReceiveAsync(buffer, timeout.Token);
        }
        while (host.ChannelDataReceived < received + 2 || host.ChannelDataSent < sent + 2);
        return pair;

        IceAgentOptions Relayed(IceAgentOptions options)
        {
            options = options with { Policy = IceTransportPolicy.Relay, Servers = [host.Server] };
            return also?.Invoke(options) ?? options;
        }
    }

    private static async Task<long> MeasureAsync(IceAgent left, IceAgent right)
    {
        ReadOnlyMemory<byte> data = new byte[1200];
        byte[] buffer = new byte[2048];
        long before = 0;
        // One for all of them: a token that can be canceled costs a registration, which is used again.
        using CancellationTokenSource timeout = new(2 * AgentPair.Limit);
        for (int i = -500; i < RoundTrips; i++)
        {
            if (i == 0)
                before = GC.GetTotalAllocatedBytes(precise: true);
            try
            {
                await left.SendAsync(data, timeout.Token);
                await right.ReceiveAsync(buffer, timeout.Token);
                if (!right.TrySend(data.Span))
                    throw new InvalidOperationException("a loopback socket had no room for one datagram");
                await left.ReceiveAsync(buffer, timeout.Token);
            }
            catch (OperationCanceledException)
            {
                throw new TimeoutException($"round trip {i} was lost: left on {left.SelectedPair}, right on {right.SelectedPair}");
            }
        }

        return GC.GetTotalAllocatedBytes(precise: true) - before;
    }
}
