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
        Assert.That(last.Relay!.Channel, Is.InRange(0x4000, 0x4FFF));
    }

    [Test]
    [Rfc(8445, "7.2.1")]
    public void No_channel_is_bound_before_the_pair_is_selected()
    {
        RelayNet net = new(13, relayOnlyA: true, relayOnlyB: true);
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        net.Network.RunFor(TimeSpan.FromSeconds(2));
        IEnumerable<IceEvent.SendPathChanged> paths = net.A.Log.Select(static e => e.Event).OfType<IceEvent.SendPathChanged>().Where(static p => p.Relay is not null);
        Assert.That(paths.Where(static p => p.Relay!.Channel != 0).Select(static p => p.Pair!.Selected), Is.Not.Empty.And.All.True);
    }

    [Test]
    [Rfc(8445, "5.1.2.2")]
    public void Candidates_of_several_relays_have_priorities_of_their_own()
    {
        RelayNet net = new(14, relayOnlyA: true, relayOnlyB: true, servers: 3);
        // Connected over the first, it would not wait for the others.
        net.Links[1].Cut();
        net.Start();
        net.Network.RunFor(TimeSpan.FromSeconds(2));
        IReadOnlyList<IceCandidate> gathered = [.. net.A.Log.Select(static e => e.Event).OfType<IceEvent.LocalCandidate>().Select(static e => e.Candidate)];
        Assert.Multiple(() =>
        {
            Assert.That(gathered, Has.Count.GreaterThan(1));
            Assert.That(gathered.Select(static c => c.Priority), Is.Unique);
            Assert.That(gathered.Select(static c => c.Foundation), Is.Unique, "the servers have different addresses");
        });
    }

    [Test]
    [Rfc(8445, "5.1.1.2")]
    public void A_server_that_refuses_to_relay_is_asked_for_the_reflexive_address_instead()
    {
        RelayNet net = new(15, policy: new RelayPolicy { MaxAllocations = 1, AllowOwnAddresses = true });
        net.Start();
        net.Network.RunFor(TimeSpan.FromSeconds(10));
        IEnumerable<IceCandidate> all = net.A.Core.GetLocalCandidates().Concat(net.B.Core.GetLocalCandidates());
        Assert.Multiple(() =>
        {
            Assert.That(all.Count(static c => c.Type == IceCandidateType.Relayed), Is.EqualTo(1));
            Assert.That(all.Count(static c => c.Type == IceCandidateType.ServerReflexive), Is.EqualTo(2));
        });
    }

    [Test]
    [Rfc(8445, "5.1.1.2")]
    public void A_relayed_candidate_that_is_a_host_candidate_too_is_discarded()
    {
        var network = new SimNetwork(16);
        var internet = new Realm(network, "internet");
        var serverHost = new SimHost(network, "server");
        serverHost.AddInterface("eth0", internet, null, "203.0.113.10");
        var host = new SimHost(network, "agent");
        host.AddInterface("eth0", internet, null, "203.0.113.20");
        TransportAddress address = TransportAddress.Parse("203.0.113.10", 3478);
        // The first port that a simulated host gives is 49152: the server says that it relays from the agent's own address.
        _ = new SimTurnServer(serverHost, address, new TurnServerCoreOptions
        {
            RelayIPv4 = address,
            ExternalIPv4 = TransportAddress.Parse("203.0.113.20", 0),
            Users = new TurnUsers("sim", [new KeyValuePair<string, string>("user", "secret")], []),
            MinRelayPort = 49_152,
            MaxRelayPort = 49_152,
        });
        var agent = new SimAgent(host, "A", new SimAgentOptions { Relays = [new SimRelay(address, "user", "secret")] });
        agent.Gather();
        network.RunFor(TimeSpan.FromSeconds(5));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.GatheringState, Is.EqualTo(GatheringState.Complete));
            Assert.That(agent.Log.Select(static e => e.Event).OfType<IceEvent.ServerResult>().Single().Failure, Is.Null, "the server did allocate");
            Assert.That(agent.Core.GetLocalCandidates().Select(static c => c.Type), Is.EqualTo(new[] { IceCandidateType.Host }));
        });
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
        IceEvent.ServerResult result = net.A.Log.Select(static e => e.Event).OfType<IceEvent.ServerResult>().First();
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
