using System.Net;
using System.Threading.Channels;

namespace Ice.Tests;

/// <summary>What a stack above learns of the path: its MTU, and that it is another one.</summary>
[Platform("Linux")]
public sealed class PathChangeTests
{
    [TestCase("127.0.0.1", 1472, 1272)]
    [TestCase("::1", 1452, 1252)]
    public async Task What_a_router_says_is_too_big_lowers_the_estimate_and_is_told(string address, int before, int after)
    {
        RecordingSocket? socket = null;
        await using AgentPair pair = AgentPair.Create(options => options with { SocketFactory = local => socket = RecordingSocket.Bind(local) }, address: address);
        Channel<IcePayloadMtuChangedEventArgs> changes = Channel.CreateUnbounded<IcePayloadMtuChangedEventArgs>();
        pair.Left.PayloadMtuChanged += (_, args) => changes.Writer.TryWrite(args);
        Assert.That(pair.Left.Components[0].PayloadMtu, Is.Null, "there is no pair yet");
        await pair.ExchangeAsync();
        await pair.ConnectAsync();
        IceComponent component = pair.Left.Components[0];
        EndPoint remote = component.SelectedPair!.Path.Remote.ToIPEndPoint();
        Assert.That(component.PayloadMtu, Is.EqualTo(before));

        socket!.ReportTooBig(new IPEndPoint(IPAddress.Parse(address), 9), 1000);
        Assert.That(component.PayloadMtu, Is.EqualTo(before), "that is somebody else's path");
        socket.ReportTooBig(remote, 1300);
        Assert.That(component.PayloadMtu, Is.EqualTo(after));
        socket.ReportTooBig(remote, 1400);
        Assert.That(component.PayloadMtu, Is.EqualTo(after), "it never grows");

        using CancellationTokenSource timeout = new(AgentPair.Limit);
        IcePayloadMtuChangedEventArgs told = await changes.Reader.ReadAsync(timeout.Token);
        await pair.Left.DisposeAsync();
        Assert.Multiple(() =>
        {
            Assert.That((told.Component, told.PayloadMtu), Is.EqualTo((component.Id, after)));
            Assert.That(changes.Reader.Count, Is.Zero, "once is enough");
        });
    }

    [Test]
    public async Task Through_a_relay_the_estimate_is_for_the_framing_that_is_used()
    {
        await using TurnRig rig = await TurnRig.StartAsync();
        await using AgentPair udp = await AgentPair.ConnectedAsync(options => TurnRig.RelayOnly(options, rig.Over("udp")));
        await using AgentPair tcp = await AgentPair.ConnectedAsync(options => TurnRig.RelayOnly(options, rig.Over("tcp")));
        // Loopback carries 65,536 bytes to the server; the 1,280 beyond it are what is left.
        Assert.That(udp.Left.Components[0].PayloadMtu, Is.EqualTo(1252));
        Assert.That(tcp.Left.Components[0].PayloadMtu, Is.EqualTo(1252));
    }

    [Test]
    public async Task A_change_of_the_pair_tells_the_old_and_the_new_one_in_order()
    {
        Channel<IceSelectedPairChangedEventArgs> changes = Channel.CreateUnbounded<IceSelectedPairChangedEventArgs>();
        await using MemoryPair pair = new();
        pair.Left.SelectedPairChanged += (_, args) => changes.Writer.TryWrite(args);
        pair.Exchange();
        await pair.ConnectAsync();
        await pair.Left.DisposeAsync();

        List<IceSelectedPairChangedEventArgs> told = [];
        while (changes.Reader.TryRead(out IceSelectedPairChangedEventArgs? args))
            told.Add(args);
        Assert.That(told, Is.Not.Empty);
        Assert.That(told[0].Previous, Is.Null);
        Assert.That(told[0].PayloadMtu, Is.EqualTo(1252), "a network that says nothing is taken for one of 1,280 bytes");
        for (int i = 1; i < told.Count; i++)
            Assert.That(told[i].Previous?.Id, Is.EqualTo(told[i - 1].Pair?.Id), "each begins where the one before ended");
    }
}
