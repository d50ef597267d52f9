using Ice.Core.Tests.Harness;
using Ice.Testing;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
[Rfc(8445, "7.3.1.1")]
internal sealed class RoleConflictTests
{
    private static readonly BaseId s_base = new(1);

    [TestCase(IceRole.Controlling, 100ul, 99ul, true, IceRole.Controlling)]
    [TestCase(IceRole.Controlling, 100ul, 100ul, true, IceRole.Controlling)]
    [TestCase(IceRole.Controlling, 100ul, 101ul, false, IceRole.Controlled)]
    [TestCase(IceRole.Controlled, 100ul, 99ul, false, IceRole.Controlling)]
    [TestCase(IceRole.Controlled, 100ul, 100ul, false, IceRole.Controlling)]
    [TestCase(IceRole.Controlled, 100ul, 101ul, true, IceRole.Controlled)]
    [TestCase(IceRole.Controlling, 0ul, ulong.MaxValue, false, IceRole.Controlled)]
    [TestCase(IceRole.Controlled, ulong.MaxValue, 0ul, false, IceRole.Controlling)]
    [TestCase(IceRole.Controlling, ulong.MaxValue, 1ul, true, IceRole.Controlling)]
    [TestCase(IceRole.Controlled, 1ul, ulong.MaxValue, true, IceRole.Controlled)]
    public void The_tie_breaker_decides_who_keeps_the_role(IceRole role, ulong ours, ulong theirs, bool conflictAnswer, IceRole after)
    {
        TestAgent agent = Agent(role, ours, out ScriptedPeer peer, sameRole: true);
        peer.TieBreaker = theirs;
        peer.Signal("10.0.0.2:1");
        agent.Forget();
        SentDatagram response = peer.SendCheck(s_base, "10.0.0.2:1")[0];
        Assert.Multiple(() =>
        {
            Assert.That(response.Message.ErrorCode, Is.EqualTo(conflictAnswer ? 487 : null));
            Assert.That(response.Message.IsSuccess, Is.Not.EqualTo(conflictAnswer));
            Assert.That(response.Message.Verifies(agent.Password), Is.True, "a 487 carries MESSAGE-INTEGRITY too");
            Assert.That(response.Message.HasFingerprint, Is.True);
            Assert.That(agent.Core.Role, Is.EqualTo(after));
            Assert.That(agent.EventsOf<IceEvent.RoleChanged>().Select(e => e.Role), Is.EqualTo(role == after ? [] : new[] { after }));
        });
    }

    [TestCase(IceRole.Controlling, IceRole.Controlled)]
    [TestCase(IceRole.Controlled, IceRole.Controlling)]
    public void Opposite_roles_are_no_conflict_whatever_the_tie_breakers(IceRole role, IceRole peerRole)
    {
        foreach (ulong theirs in new[] { 0ul, 100ul, ulong.MaxValue })
        {
            TestAgent agent = Agent(role, 100, out ScriptedPeer peer, sameRole: false);
            peer.TieBreaker = theirs;
            peer.Signal("10.0.0.2:1");
            Assert.That(peer.Role, Is.EqualTo(peerRole));
            Assert.That(peer.SendCheck(s_base, "10.0.0.2:1")[0].Message.IsSuccess, Is.True);
            Assert.That(agent.Core.Role, Is.EqualTo(role));
        }
    }

    [Test]
    public void A_check_that_was_refused_with_487_triggers_one_of_ours_but_nominates_nothing()
    {
        TestAgent agent = Agent(IceRole.Controlling, ulong.MaxValue, out ScriptedPeer peer, sameRole: true);
        peer.SignalParameters();
        IReadOnlyList<SentDatagram> sent = peer.SendCheck(s_base, "203.0.113.9:1", useCandidate: true);
        Assert.Multiple(() =>
        {
            Assert.That(sent[0].Message.ErrorCode, Is.EqualTo(487));
            Assert.That(sent[^1].Message.IsRequest, Is.True);
            Assert.That(sent[^1].Path.Remote, Is.EqualTo(At("203.0.113.9:1")));
            Assert.That(agent.PairTo("203.0.113.9:1").Nominated, Is.False);
            Assert.That(agent.Core.Role, Is.EqualTo(IceRole.Controlling));
        });
    }

    [Test]
    public void A_check_that_was_refused_with_487_before_the_peers_credentials_are_known_triggers_nothing()
    {
        TestAgent agent = Agent(IceRole.Controlling, ulong.MaxValue, out ScriptedPeer peer, sameRole: true);
        peer.SendCheck(s_base, "203.0.113.9:1");
        agent.Advance(S(1));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.GetRemoteCandidates(), Is.Empty);
            Assert.That(agent.Pairs, Is.Empty);
            Assert.That(agent.Checks, Is.Empty);
        });
    }

    [TestCase(IceRole.Controlling)]
    [TestCase(IceRole.Controlled)]
    [Rfc(8445, "7.2.5.1")]
    public void On_487_the_agent_changes_role_and_tie_breaker_and_checks_the_pair_again(IceRole role)
    {
        TestAgent agent = Agent(role, 100, out ScriptedPeer peer, sameRole: true);
        uint ours = Priority(HostPreference);
        uint theirs = ours - 1000;
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1", theirs));
        SentDatagram check = agent.Checks.Single();
        agent.Advance(Ms(10));
        peer.Fail(check, 487);
        agent.Advance(Ms(60));
        IceRole after = role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling;
        SentDatagram[] checks = [.. agent.NewChecks];
        Assert.That(checks, Has.Length.EqualTo(2));
        ulong? first = checks[0].Message.Controlling ?? checks[0].Message.Controlled;
        ulong? second = after == IceRole.Controlling ? checks[1].Message.Controlling : checks[1].Message.Controlled;
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.Role, Is.EqualTo(after));
            Assert.That(agent.EventsOf<IceEvent.RoleChanged>().Single().Role, Is.EqualTo(after));
            Assert.That(first, Is.EqualTo(100));
            Assert.That(second, Is.Not.Null.And.Not.EqualTo(100), "the agent's new role, and another tie-breaker");
            Assert.That(checks[1].To, Is.EqualTo(At("10.0.0.2:1")));
            Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.InProgress));
            ulong expected = after == IceRole.Controlling ? PairPriority(ours, theirs) : PairPriority(theirs, ours);
            Assert.That(agent.PairTo("10.0.0.2:1").Priority, Is.EqualTo(expected), "§6.1.2.3: priorities depend on the role");
        });
    }

    [Test]
    [Rfc(8445, "7.2.5.1")]
    public void Two_checks_refused_with_487_change_the_role_once()
    {
        TestAgent agent = Agent(IceRole.Controlling, 100, out ScriptedPeer peer, sameRole: true);
        peer.Signal("10.0.0.2:1", "10.0.0.3:1");
        agent.Advance(Ms(60));
        SentDatagram[] checks = [.. agent.NewChecks];
        Assert.That(checks, Has.Length.EqualTo(2));
        peer.Fail(checks[0], 487);
        peer.Fail(checks[1], 487);
        agent.Advance(Ms(200));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.Role, Is.EqualTo(IceRole.Controlled), "both were sent as controlling: both ask for the controlled role");
            Assert.That(agent.EventsOf<IceEvent.RoleChanged>().Count(), Is.EqualTo(1));
            Assert.That(agent.NewChecks.Count(), Is.EqualTo(4), "each pair is checked again");
            Assert.That(agent.NewChecks.Skip(2).Select(c => c.Message.Controlled), Is.All.Not.Null);
        });
    }

    [Test]
    [Rfc(8445, "7.2.5.1")]
    public void A_487_to_a_nomination_repeats_the_check_of_the_valid_pair_without_USE_CANDIDATE()
    {
        TestAgent agent = Agent(IceRole.Controlling, 100, out ScriptedPeer peer, sameRole: false);
        agent.Do(agent.Core.EndGatheringInputs);
        peer.Signal("10.0.0.2:1");
        peer.Succeed(agent.NewChecks.Single(), "10.0.0.1:5000");
        agent.Advance(Ms(100));
        SentDatagram nomination = agent.NewChecks.Last();
        Assert.That(nomination.Message.UseCandidate, Is.True);
        peer.Fail(nomination, 487);
        agent.Advance(Ms(100));
        SentDatagram again = agent.NewChecks.Last();
        Assert.Multiple(() =>
        {
            Assert.That(again.Message.Id, Is.Not.EqualTo(nomination.Message.Id));
            Assert.That(again.Message.Controlled, Is.Not.Null);
            Assert.That(again.Message.UseCandidate, Is.False);
            Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Last().Pair, Is.Not.Null, "data goes on");
        });
    }

    [Test]
    public void A_role_switch_by_request_recomputes_all_pair_priorities()
    {
        TestAgent agent = Agent(IceRole.Controlling, 1, out ScriptedPeer peer, sameRole: true);
        peer.SignalParameters();
        uint ours = Priority(HostPreference);
        peer.Add(Host("10.0.0.2:1", ours - 10, "a"));
        peer.Add(Host("10.0.0.3:1", ours - 20, "b"));
        Assert.That(agent.Pairs.Select(p => p.Priority), Is.EqualTo(new[] { PairPriority(ours, ours - 10), PairPriority(ours, ours - 20) }));
        peer.SendCheck(s_base, "10.0.0.2:1");
        Assert.That(agent.Core.Role, Is.EqualTo(IceRole.Controlled));
        Assert.That(agent.Pairs.Select(p => p.Priority), Is.EqualTo(new[] { PairPriority(ours - 10, ours), PairPriority(ours - 20, ours) }));
    }

    [TestCase(IceRole.Controlling)]
    [TestCase(IceRole.Controlled)]
    public void Two_agents_with_the_same_role_sort_it_out_and_connect(IceRole role)
    {
        foreach (int seed in Enumerable.Range(1, 20))
        {
            var pair = new Pair(new IceCoreOptions { Role = role }, new IceCoreOptions { Role = role }, seed);
            pair.Left.AddHost("10.0.0.1:1", pair.Now);
            pair.Right.AddHost("10.0.0.2:2", pair.Now);
            pair.Signal();
            Assert.That(pair.DriveUntil(() => Connected(pair), S(3)), Is.True, $"seed {seed}");
            Assert.That(pair.Left.Core.Role, Is.Not.EqualTo(pair.Right.Core.Role));
            Assert.That(pair.Left.EventsOf<IceEvent.RoleChanged>().Count() + pair.Right.EventsOf<IceEvent.RoleChanged>().Count(), Is.EqualTo(1));
        }
    }

    [TestCase(IceRole.Controlling)]
    [TestCase(IceRole.Controlled)]
    public void A_peer_that_changes_its_role_without_ever_answering_487_is_understood(IceRole role)
    {
        // What libjuice does: with the smaller tie-breaker it just turns, and leaves our check unanswered.
        TestAgent agent = Agent(role, ulong.MaxValue, out ScriptedPeer peer, sameRole: true);
        peer.TieBreaker = 1;
        peer.Signal("10.0.0.2:1");
        SentDatagram check = agent.Checks.Single();
        agent.Advance(Ms(20));
        peer.Role = role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling;
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"), sent => sent.Message.Id != check.Message.Id);
        Assert.That(peer.SendCheck(s_base, "10.0.0.2:1")[0].Message.IsSuccess, Is.True);
        agent.Advance(Ms(100));
        if (peer.Role == IceRole.Controlling)
            peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        agent.Advance(Ms(200));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.Role, Is.EqualTo(role));
            Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        });
    }

    [Test]
    public void Once_a_check_was_sent_or_received_the_role_can_no_longer_be_set()
    {
        TestAgent agent = Agent(IceRole.Controlling, 1, out ScriptedPeer peer, sameRole: false);
        agent.Do(now => agent.Core.SetRole(IceRole.Controlled, now));
        agent.Do(now => agent.Core.SetRole(IceRole.Controlling, now));
        Assert.That(agent.Core.Role, Is.EqualTo(IceRole.Controlling));
        peer.Signal("10.0.0.2:1");
        Assert.That(agent.Checks.Count(), Is.EqualTo(1));
        Assert.That(() => agent.Core.SetRole(IceRole.Controlled, agent.Now), Throws.InvalidOperationException);
        Assert.That(agent.Core.Role, Is.EqualTo(IceRole.Controlling));
    }

    private static bool Connected(Pair pair) =>
        pair.Left.Core.State == IceConnectionState.Connected && pair.Right.Core.State == IceConnectionState.Connected;

    private static TestAgent Agent(IceRole role, ulong tieBreaker, out ScriptedPeer peer, bool sameRole)
    {
        var agent = new TestAgent(new IceCoreOptions { Role = role, TieBreaker = tieBreaker });
        agent.AddHost("10.0.0.1:5000");
        IceRole opposite = role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling;
        peer = new ScriptedPeer(agent, sameRole ? role : opposite);
        return agent;
    }
}
