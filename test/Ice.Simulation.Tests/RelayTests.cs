using Ice.Core;
using Ice.Testing;
using Stun;
using Turn;

namespace Ice.Simulation.Tests;

/// <summary>Relayed candidates, with the product's own TURN server in virtual time.</summary>
public class RelayTests
{
    [Test]
    [Rfc(8445, "5.1.1.2")]
    public void Two_agents_behind_the_hardest_NATs_connect_through_a_relay()
    {
        RelayNet net = new(1);
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        CandidatePairInfo pair = net.A.GetSendPath(ComponentId.First)!;
        Assert.Multiple(() =>
        {
            Assert.That(pair.Local.Type == IceCandidateType.Relayed || pair.Remote.Type is IceCandidateType.Relayed or IceCandidateType.PeerReflexive, Is.True);
            Assert.That(net.Exchange("hello"), Is.True, "data passes both ways");
        });
    }

    [Test]
    public void With_the_relay_policy_only_relayed_candidates_are_known_to_the_peer([Values] bool bothSides)
    {
        RelayNet net = new(2, relayOnlyA: true, relayOnlyB: bothSides);
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        Assert.Multiple(() =>
        {
            Assert.That(net.A.Core.GetLocalCandidates().Select(static c => c.Type), Is.All.EqualTo(IceCandidateType.Relayed));
            Assert.That(net.A.Core.GetLocalCandidates(), Is.Not.Empty);
            Assert.That(net.Exchange("hello"), Is.True);
        });
    }

    [Test]
    [Rfc(8445, "7.2.1")]
    public void The_selected_relayed_pair_gets_a_channel()
    {
        RelayNet net = new(3, relayOnlyA: true, relayOnlyB: true);
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        net.Network.RunFor(TimeSpan.FromSeconds(2));
        IceEvent.SendPathChanged last = net.A.Log.Select(static e => e.Event).OfType<IceEvent.SendPathChanged>().Last();
        Assert.That(last.Relay!.Value.Channel, Is.InRange(0x4000, 0x4FFF));
    }

    [Test]
    public void Loss_and_delay_do_not_keep_relays_from_connecting([Range(1, 20)] int seed)
    {
        var conditions = new LinkConditions { Latency = TimeSpan.FromMilliseconds(40), Jitter = TimeSpan.FromMilliseconds(20), Loss = LossModel.Random(0.15) };
        RelayNet net = new((ulong)(100 + seed), conditions: conditions);
        net.Start();
        Assert.That(net.Connect(), Is.True, $"seed {100 + seed}: {net.Explain()}");
    }

    [Test]
    public void An_allocation_its_permissions_and_its_channel_live_through_three_hours_of_virtual_time()
    {
        RelayNet net = new(4, relayOnlyA: true, relayOnlyB: true);
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        for (int i = 0; i < 180; i++)
        {
            net.Network.RunFor(TimeSpan.FromMinutes(1));
            Assert.That(net.Exchange($"minute {i}"), Is.True, $"minute {i}: {net.Explain()}");
        }
    }

    [Test]
    public void A_restarted_server_is_noticed_and_a_restart_of_ICE_brings_a_new_relay()
    {
        RelayNet net = new(5, relayOnlyA: true, relayOnlyB: true);
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        net.Server.Restart();
        Assert.That(net.Network.RunUntil(() => net.A.State == IceConnectionState.Failed && net.B.State == IceConnectionState.Failed, TimeSpan.FromMinutes(12)), Is.True, net.Explain());
        net.Signaling.Restart(net.A);
        Assert.That(net.Connect(), Is.True, net.Explain());
        Assert.That(net.Exchange("again"), Is.True);
    }

    [Test]
    public void A_restart_of_ICE_uses_the_allocation_again_and_data_goes_on_meanwhile()
    {
        RelayNet net = new(6, relayOnlyA: true, relayOnlyB: true);
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        TransportAddress before = net.A.Core.GetLocalCandidates()[0].Address;
        net.Signaling.Restart(net.A);
        Assert.That(net.Exchange("during"), Is.True);
        Assert.That(net.Connect(), Is.True, net.Explain());
        Assert.Multiple(() =>
        {
            Assert.That(net.A.Core.GetLocalCandidates()[0].Address, Is.EqualTo(before));
            Assert.That(net.Server.Core.AllocationCount, Is.EqualTo(2));
            Assert.That(net.Exchange("after"), Is.True);
        });
    }

    [Test]
    public void Closing_leaves_no_allocation_on_the_server()
    {
        RelayNet net = new(7);
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        Assert.That(net.Server.Core.AllocationCount, Is.EqualTo(2));
        net.A.Run(static (core, now) => core.Close(now));
        net.B.Run(static (core, now) => core.Close(now));
        net.Network.RunFor(TimeSpan.FromSeconds(5));
        Assert.That(net.Server.Core.AllocationCount, Is.Zero);
    }

    [Test]
    public void A_wrong_password_is_reported_and_gathering_ends()
    {
        RelayNet net = new(8, password: "wrong");
        net.Start();
        net.Network.RunFor(TimeSpan.FromSeconds(60));
        IceEvent.ServerResult result = net.A.Log.Select(static e => e.Event).OfType<IceEvent.ServerResult>().Single();
        Assert.Multiple(() =>
        {
            Assert.That(result.Failure, Does.Contain("credentials"));
            Assert.That(net.A.Core.GatheringState, Is.EqualTo(GatheringState.Complete));
            Assert.That(net.A.State, Is.EqualTo(IceConnectionState.Failed));
        });
    }

    [Test]
    public void A_peer_that_the_relay_refuses_fails_its_pairs_with_the_reason()
    {
        RelayNet net = new(9, relayOnlyA: true, policy: new RelayPolicy { PeerFilter = static _ => false });
        net.Start();
        net.Network.RunFor(TimeSpan.FromSeconds(60));
        Assert.That(net.A.Core.GetPairs().Select(static p => p.FailureReason), Is.Not.Empty.And.All.Contains("403"));
    }
}
