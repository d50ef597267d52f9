using Ice.Core.Tests.Harness;
using Ice.Testing;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
[Rfc(8445, "6.1.2.2")]
internal sealed class PairFormationTests
{
    [Test]
    public void Candidates_are_paired_within_their_stream_and_component_only()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [2, 1] });
        BaseId a1 = agent.AddHost("10.0.0.1:5000", new ComponentId(0, 1));
        BaseId a2 = agent.AddHost("10.0.0.1:5001", new ComponentId(0, 2));
        BaseId b1 = agent.AddHost("10.0.0.1:5002", new ComponentId(1, 1));
        var peer = new ScriptedPeer(agent);
        peer.SignalParameters();
        peer.SignalParameters(1);
        peer.Add(Host("10.0.0.2:1", component: 1));
        peer.Add(Host("10.0.0.2:2", component: 2));
        peer.Add(Host("10.0.0.2:3", component: 1), stream: 1);
        Assert.That(
            agent.Pairs.Select(p => (p.Component, p.Path)),
            Is.EquivalentTo(new[]
            {
                (new ComponentId(0, 1), new IcePath(a1, At("10.0.0.2:1"))),
                (new ComponentId(0, 2), new IcePath(a2, At("10.0.0.2:2"))),
                (new ComponentId(1, 1), new IcePath(b1, At("10.0.0.2:3"))),
            }));
    }

    [Test]
    public void Candidates_of_different_families_are_never_paired()
    {
        var agent = new TestAgent();
        BaseId v4 = agent.AddHost("10.0.0.1:5000");
        BaseId v6 = agent.AddHost("[2001:db8::1]:5000", localPreference: 65534);
        var peer = new ScriptedPeer(agent);
        peer.Signal("10.0.0.2:1", "[2001:db8::2]:2");
        Assert.That(
            agent.Pairs.Select(p => p.Path),
            Is.EquivalentTo(new[] { new IcePath(v4, At("10.0.0.2:1")), new IcePath(v6, At("[2001:db8::2]:2")) }));
    }

    [Test]
    public void IPv6_link_local_addresses_are_paired_with_each_other_only()
    {
        var agent = new TestAgent();
        BaseId global = agent.AddHost("[2001:db8::1]:5000");
        BaseId link = agent.AddHost("[fe80::1]:5000", localPreference: 65534);
        var peer = new ScriptedPeer(agent);
        peer.Signal("[2001:db8::2]:1", "[fe80::2]:2");
        Assert.That(
            agent.Pairs.Select(p => (p.Path.Base, p.Path.Remote.Port)),
            Is.EquivalentTo(new[] { (global, 1), (link, 2) }));
    }

    [Test]
    public void What_cannot_be_paired_is_refused_with_a_reason_and_harms_nothing()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent);
        peer.SignalParameters();
        IceCandidate sound = Host("10.0.0.2:1");
        Assert.Multiple(() =>
        {
            Assert.That(peer.Add(sound with { Transport = IceTransport.Tcp, TransportToken = "tcp", TcpType = IceTcpType.Passive }), Is.Not.Null);
            Assert.That(peer.Add(sound with { Transport = IceTransport.Other, TransportToken = "quic" }), Is.Not.Null);
            Assert.That(peer.Add(sound with { Address = Stun.TransportAddress.None, HostName = "abc.local" }), Is.Not.Null);
            Assert.That(peer.Add(sound with { Component = 2 }), Is.Not.Null);
            Assert.That(agent.Pairs, Is.Empty);
            Assert.That(peer.Add(sound), Is.Null);
            Assert.That(agent.Pairs, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public void Components_that_the_peer_does_not_have_are_not_waited_for()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [2] });
        agent.AddHost("10.0.0.1:5000", new ComponentId(0, 1));
        agent.AddHost("10.0.0.1:5001", new ComponentId(0, 2));
        var peer = new ScriptedPeer(agent);
        agent.Network = peer.Answering(id => At($"10.0.0.1:{4999 + id.Value}"));
        agent.Do(agent.Core.EndGatheringInputs);
        peer.Signal("10.0.0.2:1");
        agent.Advance(S(1));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
            Assert.That(agent.Core.GetSelectedPair(new ComponentId(0, 1)), Is.Not.Null);
            Assert.That(agent.Core.GetSelectedPair(new ComponentId(0, 2)), Is.Null);
        });
    }

    [Test]
    public void A_stream_with_two_components_is_connected_only_when_both_have_a_selected_pair()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [2] });
        agent.AddHost("10.0.0.1:5000", new ComponentId(0, 1));
        agent.AddHost("10.0.0.1:5001", new ComponentId(0, 2));
        var peer = new ScriptedPeer(agent);
        bool second = false;
        agent.Network = peer.Answering(id => At($"10.0.0.1:{4999 + id.Value}"), sent => sent.Path.Base.Value == 1 || second);
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1", component: 1));
        peer.Add(Host("10.0.0.2:2", component: 2));
        peer.End();
        agent.Advance(S(1));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Checking));
        second = true;
        agent.Advance(S(5));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
    }
}
