using Ice.Core.Tests.Harness;
using Ice.Testing;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
[Rfc(8445, "8.1.2")]
internal sealed class ConcludingTests
{
    private static readonly BaseId s_base = new(1);

    [Test]
    public void Nomination_removes_the_other_pairs_of_the_component_and_ends_their_checks()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        peer.Signal([.. Enumerable.Range(2, 8).Select(i => $"10.0.0.{i}:1")]);
        agent.Advance(Ms(110));
        Assert.That(agent.NewChecks.Count(), Is.EqualTo(3), "three under way, five waiting");
        peer.Succeed(agent.ChecksTo("10.0.0.2:1")[0], "10.0.0.1:5000");
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        Assert.That(agent.Pairs.Select(p => p.Path.Remote), Is.EqualTo(new[] { At("10.0.0.2:1") }));
        agent.Forget();
        agent.Advance(S(20));
        Assert.That(agent.Checks.Select(c => c.To), Is.All.EqualTo(At("10.0.0.2:1")), "no new checks and no retransmissions of cancelled ones");
    }

    [Test]
    public void The_triggered_check_queue_of_a_nominated_component_is_emptied()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        peer.Signal([.. Enumerable.Range(2, 12).Select(i => $"10.0.0.{i}:1")]);
        peer.Succeed(agent.ChecksTo("10.0.0.2:1")[0], "10.0.0.1:5000");
        foreach (int i in Enumerable.Range(3, 9))
            peer.SendCheck(s_base, $"10.0.0.{i}:1");
        int before = agent.NewChecks.Count();
        Assert.That(before, Is.LessThan(8), "some triggered checks are still queued");
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        agent.Advance(S(3));
        Assert.That(agent.NewChecks.Count(), Is.EqualTo(before));
    }

    [Test]
    public void Components_conclude_one_by_one_and_the_session_with_the_last()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled, Streams = [2, 1] });
        BaseId[] bases =
        [
            agent.AddHost("10.0.0.1:1", new ComponentId(0, 1)),
            agent.AddHost("10.0.0.1:2", new ComponentId(0, 2)),
            agent.AddHost("10.0.0.1:3", new ComponentId(1, 1)),
        ];
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        agent.Network = peer.Answering(id => At($"10.0.0.1:{id.Value}"));
        peer.SignalParameters();
        peer.SignalParameters(1);
        peer.Add(Host("10.0.0.2:1", component: 1));
        peer.Add(Host("10.0.0.2:2", component: 2));
        peer.Add(Host("10.0.0.2:3", component: 1), stream: 1);
        peer.End();
        peer.End(1);
        agent.Advance(S(1));
        var components = new[] { new ComponentId(0, 1), new ComponentId(0, 2), new ComponentId(1, 1) };
        for (int i = 0; i < 3; i++)
        {
            Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Checking));
            peer.SendCheck(bases[i], $"10.0.0.2:{i + 1}", useCandidate: true);
            Assert.That(agent.Core.GetPairs().Count(p => p.Nominated), Is.EqualTo(i + 1));
        }

        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        Assert.That(components.Select(c => agent.Core.GetSelectedPair(c)?.Component), Is.EqualTo(components));
    }

    [Test]
    public void Checks_are_answered_after_the_end_but_change_nothing()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        peer.Signal("10.0.0.2:1", "10.0.0.3:1");
        agent.Advance(Ms(100));
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        foreach (int _ in Enumerable.Range(0, 40))
        {
            agent.Advance(S(1));
            agent.Forget();
            Assert.That(peer.SendCheck(s_base, "10.0.0.2:1")[0].Message.IsSuccess, Is.True);
            Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Count() + agent.EventsOf<IceEvent.StateChanged>().Count(), Is.Zero);
        }

        Assert.That(agent.Selected!.Path.Remote, Is.EqualTo(At("10.0.0.2:1")));
    }

    [Test]
    [Rfc(8445, "8.3.1")]
    public void For_three_seconds_after_the_end_checks_are_answered_on_every_local_candidate()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        BaseId other = agent.AddHost("10.0.7.1:5000", localPreference: 65534);
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        agent.Network = peer.Answering(id => At(id == s_base ? "10.0.0.1:5000" : "10.0.7.1:5000"));
        peer.Signal("10.0.0.2:1");
        agent.Advance(Ms(200));
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        agent.Advance(Ms(2_900));
        Assert.That(peer.SendCheck(other, "10.0.0.2:1")[0].Message.IsSuccess, Is.True);
    }

    [Test]
    [Rfc(8445, "6.1.3")]
    public void When_every_stream_has_failed_the_session_has_failed_with_a_reason()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        agent.Do(agent.Core.EndGatheringInputs);
        var peer = new ScriptedPeer(agent);
        peer.Signal("10.0.0.2:1");
        agent.Advance(S(60));
        IceEvent.StateChanged last = agent.EventsOf<IceEvent.StateChanged>().Last();
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
            Assert.That(last.State, Is.EqualTo(IceConnectionState.Failed));
            Assert.That(last.Reason, Is.EqualTo(IceFailureReason.AllChecksFailed));
            Assert.That(last.Explanation, Is.Not.Null.And.Not.Empty);
        });
    }

    [Test]
    public void States_go_from_New_over_Checking_to_Connected_and_Closed_once_each()
    {
        var pair = new Pair();
        pair.Left.AddHost("10.0.0.1:1", pair.Now);
        pair.Right.AddHost("10.0.0.2:2", pair.Now);
        Assert.That(pair.Left.Core.State, Is.EqualTo(IceConnectionState.New));
        pair.Signal();
        pair.Drive(S(20));
        pair.Left.Core.Close(pair.Now);
        pair.Settle();
        Assert.Multiple(() =>
        {
            Assert.That(
                pair.Left.EventsOf<IceEvent.StateChanged>().Select(e => e.State),
                Is.EqualTo(new[] { IceConnectionState.Checking, IceConnectionState.Connected, IceConnectionState.Closed }));
            Assert.That(
                pair.Right.EventsOf<IceEvent.StateChanged>().Select(e => e.State),
                Is.EqualTo(new[] { IceConnectionState.Checking, IceConnectionState.Connected }));
        });
    }

    [Test]
    public void A_closed_agent_is_idle_silent_and_refuses_all()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent);
        peer.Signal("10.0.0.2:1");
        agent.Do(agent.Core.Close);
        agent.Forget();
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.NextTimeout.IsNever, Is.True);
            Assert.That(agent.Receive(new IcePath(s_base, At("10.0.0.2:1")), peer.Bytes(peer.Check())), Is.EqualTo(InputResult.Dropped));
            Assert.That(agent.Core.GetDropCount(DropReason.Closed), Is.EqualTo(1));
            Assert.That(agent.Sent, Is.Empty);
            Assert.That(() => agent.Core.Close(agent.Now), Throws.Nothing, "closing twice is harmless");
        });
    }
}
