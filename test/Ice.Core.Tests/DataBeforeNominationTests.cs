using Ice.Core.Tests.Harness;
using Ice.Testing;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
[Rfc(8445, "12.1")]
internal sealed class DataBeforeNominationTests
{
    private static readonly BaseId s_base = new(1);

    [Test]
    public void Data_may_go_over_a_valid_pair_before_any_is_selected_and_over_the_best_one()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1");
        agent.Advance(Ms(110));
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>(), Is.Empty, "RFC 7675 §5.1: nothing before consent");
        peer.Succeed(agent.ChecksTo("10.0.0.3:1")[0], "10.0.0.1:5000");
        IceEvent.SendPathChanged first = agent.EventsOf<IceEvent.SendPathChanged>().Single();
        Assert.Multiple(() =>
        {
            Assert.That(first.Pair!.Path, Is.EqualTo(new IcePath(s_base, At("10.0.0.3:1"))));
            Assert.That(first.Pair!.Nominated, Is.False);
            Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Checking));
        });
        peer.Succeed(agent.ChecksTo("10.0.0.4:1")[0], "10.0.0.1:5000");
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Count(), Is.EqualTo(1), "a worse pair changes nothing");
        peer.Succeed(agent.ChecksTo("10.0.0.2:1")[0], "10.0.0.1:5000");
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Last().Pair!.Path.Remote, Is.EqualTo(At("10.0.0.2:1")));
    }

    [Test]
    public void Once_a_pair_is_selected_data_goes_over_it_only()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        peer.Signal("10.0.0.2:1", "10.0.0.3:1");
        agent.Advance(Ms(200));
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Last().Pair!.Path.Remote, Is.EqualTo(At("10.0.0.2:1")));
        peer.SendCheck(s_base, "10.0.0.3:1", useCandidate: true);
        IceEvent.SendPathChanged selected = agent.EventsOf<IceEvent.SendPathChanged>().Last();
        Assert.Multiple(() =>
        {
            Assert.That(selected.Pair!.Path.Remote, Is.EqualTo(At("10.0.0.3:1")), "the peer's choice, whatever the priorities");
            Assert.That(selected.Pair!.Nominated, Is.True);
        });
        agent.Forget();
        peer.SendCheck(s_base, "10.0.0.2:1");
        agent.Advance(S(20));
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>(), Is.Empty);
    }

    [Test]
    [Rfc(8445, "12.2")]
    public void Data_is_accepted_from_every_path_whose_remote_side_knows_our_credentials_and_from_no_other()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1", "10.0.0.3:1");
        Assert.That(Accepted(agent), Is.Empty);
        peer.SendCheck(s_base, "10.0.0.3:1");
        Assert.That(Accepted(agent), Is.EqualTo(new[] { new IcePath(s_base, At("10.0.0.3:1")) }));
        peer.Send(peer.Check() with { Password = "wrongwrongwrongwrongwrong" }, s_base, "10.0.0.66:1");
        Assert.That(Accepted(agent), Is.EqualTo(new[] { new IcePath(s_base, At("10.0.0.3:1")) }));
        peer.Succeed(agent.ChecksTo("10.0.0.2:1")[0], "10.0.0.1:5000");
        Assert.That(Accepted(agent), Is.SupersetOf(new[] { new IcePath(s_base, At("10.0.0.3:1")), new IcePath(s_base, At("10.0.0.2:1")) }));
    }

    [Test]
    public void When_one_component_is_lost_no_data_goes_over_the_others_of_its_stream()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled, Streams = [2] });
        BaseId one = agent.AddHost("10.0.0.1:1", new ComponentId(0, 1));
        BaseId two = agent.AddHost("10.0.0.1:2", new ComponentId(0, 2));
        agent.Do(agent.Core.EndGatheringInputs);
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1", component: 1));
        peer.Add(Host("10.0.0.2:2", component: 2));
        peer.End();
        agent.Network = peer.Answering(id => At($"10.0.0.1:{id.Value}"), sent => sent.Path.Base == one);
        peer.SendCheck(one, "10.0.0.2:1", useCandidate: true);
        agent.Advance(S(60));
        Assert.That(two, Is.Not.EqualTo(one));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed), "the second component has no pair");
        IceEvent.SendPathChanged? last = agent.EventsOf<IceEvent.SendPathChanged>().LastOrDefault(e => e.Component == new ComponentId(0, 1));
        Assert.That(last?.Pair, Is.Null);
    }

    private static IcePath[] Accepted(TestAgent agent) => [.. agent.EventsOf<IceEvent.AcceptedPathsChanged>().LastOrDefault()?.Paths ?? []];

    private static TestAgent Agent(out ScriptedPeer peer)
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        peer = new ScriptedPeer(agent, IceRole.Controlling);
        return agent;
    }
}
