using Ice.Core.Tests.Harness;
using Ice.Testing;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

/// <summary>Checks that arrive before the peer's parameters are known (RFC 8445 §7.3).</summary>
[TestFixture]
[Rfc(8445, "7.3")]
internal sealed class EarlyCheckTests
{
    private static readonly BaseId s_base = new(1);

    [Test]
    public void An_early_check_is_answered_at_once_and_its_triggered_check_follows_when_the_parameters_come()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        SentDatagram response = peer.SendCheck(s_base, "203.0.113.9:9").Single();
        Assert.Multiple(() =>
        {
            Assert.That(response.At, Is.EqualTo(Start));
            Assert.That(response.Message.IsSuccess, Is.True);
            Assert.That(response.Message.Mapped, Is.EqualTo(At("203.0.113.9:9")));
            Assert.That(response.Message.Verifies(agent.Password), Is.True);
        });
        agent.Advance(S(3));
        Assert.That(agent.Checks, Is.Empty);
        peer.SignalParameters();
        SentDatagram check = agent.NewChecks.Single();
        Assert.Multiple(() =>
        {
            Assert.That(check.At, Is.EqualTo(Start + S(3)));
            Assert.That(check.To, Is.EqualTo(At("203.0.113.9:9")));
            Assert.That(check.Message.Username, Is.EqualTo($"{peer.Parameters.UsernameFragment}:{agent.Ufrag}"));
            Assert.That(agent.Core.GetRemoteCandidates().Single().Type, Is.EqualTo(IceCandidateType.PeerReflexive));
        });
    }

    [Test]
    public void An_early_nomination_counts_when_the_parameters_come()
    {
        TestAgent agent = Agent(out ScriptedPeer peer, IceRole.Controlled);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        peer.SendCheck(s_base, "10.0.0.2:1");
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        agent.Advance(S(1));
        peer.SignalParameters();
        agent.Advance(Ms(100));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        Assert.That(agent.Selected!.Path.Remote, Is.EqualTo(At("10.0.0.2:1")));
    }

    [Test]
    public void Several_early_checks_queue_several_pairs()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        foreach (int i in Enumerable.Range(2, 5))
            peer.SendCheck(s_base, $"10.0.0.{i}:1");
        peer.SignalParameters();
        agent.Advance(S(1));
        Assert.That(agent.NewChecks.Select(c => c.To), Is.EqualTo(Enumerable.Range(2, 5).Select(i => At($"10.0.0.{i}:1"))));
    }

    [Test]
    public void Early_checks_that_are_not_authenticated_are_refused_like_any_other()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        Assert.Multiple(() =>
        {
            Assert.That(peer.Send(peer.Check() with { Password = "wrongwrongwrongwrongwrong" }, s_base, "10.0.0.2:1").Single().Message.ErrorCode, Is.EqualTo(401));
            Assert.That(peer.Send(peer.Check() with { Username = "a:b" }, s_base, "10.0.0.2:1").Single().Message.ErrorCode, Is.EqualTo(401));
        });
        peer.SignalParameters();
        agent.Advance(S(1));
        Assert.That(agent.Checks, Is.Empty);
    }

    [Test]
    public void An_early_check_of_another_user_than_the_peer_that_is_signalled_triggers_nothing()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Send(peer.Check() with { Username = agent.Ufrag + ":somebodyelse" }, s_base, "10.0.0.66:1");
        peer.SignalParameters();
        agent.Advance(S(1));
        Assert.That(agent.Checks, Is.Empty);
    }

    [Test]
    public void The_number_of_early_checks_that_are_kept_is_bounded_and_all_are_answered_or_counted()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        const int Flood = 5_000;
        for (int i = 0; i < Flood; i++)
            agent.Receive(new IcePath(s_base, At($"10.{i / 250}.{i % 250}.2:1")), peer.Bytes(peer.Check()));
        long answered = agent.Responses.Count(r => r.Message.IsSuccess);
        Assert.That(answered + agent.Core.GetDropCount(DropReason.LimitReached), Is.GreaterThanOrEqualTo(Flood));
        Assert.That(agent.Core.GetDropCount(DropReason.LimitReached), Is.GreaterThan(0));
        peer.SignalParameters();
        Assert.That(agent.Pairs, Has.Count.LessThanOrEqualTo(100));
        agent.Forget();
        agent.Advance(S(30));
        Assert.That(agent.NewChecks.Select(c => c.To).Distinct().Count(), Is.LessThanOrEqualTo(100));
    }

    [Test]
    [Rfc(8445, "7.3.1.1")]
    public void An_early_check_with_our_own_role_is_a_conflict_too()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlling, TieBreaker = 100 });
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent, IceRole.Controlling) { TieBreaker = 5 };
        Assert.That(peer.SendCheck(s_base, "10.0.0.2:1").Single().Message.ErrorCode, Is.EqualTo(487));
        peer.TieBreaker = 500;
        Assert.That(peer.SendCheck(s_base, "10.0.0.2:1").Single().Message.IsSuccess, Is.True);
        Assert.That(agent.Core.Role, Is.EqualTo(IceRole.Controlled));
    }

    private static TestAgent Agent(out ScriptedPeer peer, IceRole role = IceRole.Controlling)
    {
        var agent = new TestAgent(new IceCoreOptions { Role = role });
        agent.AddHost("10.0.0.1:5000");
        peer = new ScriptedPeer(agent, role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling);
        return agent;
    }
}
