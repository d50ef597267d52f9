using Ice.Core.Tests.Harness;
using Ice.Testing;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
[Rfc(8445, "8.1.1")]
internal sealed class NominationTests
{
    private static readonly BaseId s_base = new(1);

    [Test]
    [Rfc(8445, "7.1.2")]
    [Rfc(8445, "7.2.5.3.4")]
    public void The_controlling_agent_repeats_the_check_of_a_valid_pair_with_USE_CANDIDATE()
    {
        TestAgent agent = Agent(IceRole.Controlling, out ScriptedPeer peer);
        agent.Do(agent.Core.EndGatheringInputs);
        peer.Signal("10.0.0.2:1");
        SentDatagram check = agent.Checks.Single();
        agent.Advance(Ms(60));
        peer.Succeed(check, "10.0.0.1:5000");
        agent.Advance(Ms(10));
        SentDatagram[] checks = [.. agent.NewChecks];
        Assert.That(checks, Has.Length.EqualTo(2));
        Assert.Multiple(() =>
        {
            Assert.That(checks[1].Message.UseCandidate, Is.True);
            Assert.That(checks[1].Message.Value(Stun.StunAttributeType.UseCandidate), Is.Empty, "the attribute has no content");
            Assert.That(checks[1].Path, Is.EqualTo(checks[0].Path));
            Assert.That(checks[1].Message.Priority, Is.EqualTo(checks[0].Message.Priority));
            Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Checking));
            Assert.That(agent.Selected, Is.Null, "not before the answer");
        });
        agent.Advance(Ms(30));
        peer.Succeed(checks[1], "10.0.0.1:5000");
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
            Assert.That(agent.Selected!.Nominated, Is.True);
            Assert.That(agent.Selected!.Selected, Is.True);
            Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Last().Pair!.Nominated, Is.True);
        });
    }

    [Test]
    public void One_pair_is_nominated_and_never_another_one_in_the_session()
    {
        TestAgent agent = Agent(IceRole.Controlling, out ScriptedPeer peer);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        peer.Signal("10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1");
        agent.Advance(S(3));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        int id = agent.Selected!.Id;
        peer.SendCheck(s_base, "10.0.0.3:1");
        peer.SendCheck(s_base, "10.0.0.9:1");
        agent.Advance(S(20));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Checks.Where(c => c.Message.UseCandidate).Select(c => c.To).Distinct().ToArray(), Is.EqualTo(new[] { agent.Selected!.Path.Remote }));
            Assert.That(agent.Selected!.Id, Is.EqualTo(id));
        });
    }

    [Test]
    public void The_best_pair_is_nominated_as_soon_as_nothing_better_can_come()
    {
        TestAgent agent = Agent(IceRole.Controlling, out ScriptedPeer peer);
        agent.Do(agent.Core.EndGatheringInputs);
        peer.Signal("10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1");
        agent.Advance(Ms(500));
        SentDatagram best = agent.ChecksTo("10.0.0.2:1")[0];
        peer.Succeed(best, "10.0.0.1:5000");
        agent.Advance(Ms(1));
        Assert.That(agent.NewChecks.Last().Message.UseCandidate, Is.True, "pairs of lower priority are not waited for");
        Assert.That(agent.NewChecks.Last().To, Is.EqualTo(At("10.0.0.2:1")));
    }

    [Test]
    public void Better_pairs_are_waited_for_until_each_has_had_time_to_answer()
    {
        TestAgent agent = Waiting(3, out _);
        agent.Advance(Ms(199));
        Assert.That(agent.NewChecks.Any(c => c.Message.UseCandidate), Is.False, "the last better pair was checked at 150 ms; the valid one took 10 ms, and Ta is 50 ms");
        agent.Advance(Ms(1));
        SentDatagram nomination = agent.NewChecks.Single(c => c.Message.UseCandidate);
        Assert.That((nomination.At - Start).TotalMilliseconds, Is.EqualTo(210));
        Assert.That(nomination.To, Is.EqualTo(At("10.0.9.9:1")));
    }

    [Test]
    public void A_better_pair_that_answers_in_time_wins()
    {
        TestAgent agent = Waiting(3, out ScriptedPeer peer);
        agent.Advance(Ms(100));
        peer.Succeed(agent.ChecksTo("10.0.0.2:1")[0], "10.0.0.1:5000");
        agent.Advance(Ms(1));
        Assert.That(agent.NewChecks.Single(c => c.Message.UseCandidate).To, Is.EqualTo(At("10.0.0.2:1")));
    }

    [Test]
    public void Once_all_better_pairs_have_failed_nothing_is_waited_for()
    {
        TestAgent agent = Waiting(3, out ScriptedPeer peer);
        agent.Advance(Ms(145));
        foreach (int i in Enumerable.Range(2, 3))
            peer.Fail(agent.ChecksTo($"10.0.0.{i}:1")[0], 400);
        agent.Advance(Ms(0));
        Assert.That(agent.NewChecks.Single(c => c.Message.UseCandidate).At - Start, Is.EqualTo(Ms(155)));
    }

    [Test]
    public void However_many_better_pairs_there_are_the_wait_is_half_a_second_at_most()
    {
        TestAgent agent = Waiting(40, out _);
        agent.Advance(S(3));
        Assert.That(agent.NewChecks.Single(c => c.Message.UseCandidate).At - Start, Is.EqualTo(Ms(510)), "first valid at 10 ms");
    }

    [Test]
    public void A_relay_is_not_nominated_before_the_check_of_a_direct_pair_was_repeated_and_had_time_to_answer()
    {
        TestAgent agent = WithRelay(out _);
        agent.Advance(S(3));
        SentDatagram[] direct = [.. agent.ChecksTo("203.0.113.2:1")];
        SentDatagram nomination = agent.Checks.First(c => c.Message.UseCandidate);
        Assert.Multiple(() =>
        {
            Assert.That(direct[1].At - direct[0].At, Is.EqualTo(Ms(500)), "the RTO");
            Assert.That(nomination.At - direct[1].At, Is.EqualTo(Ms(60)), "what the relayed pair took, and Ta");
            Assert.That(nomination.To, Is.EqualTo(At("198.51.100.9:1")));
            Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().First().Pair!.Nominated, Is.False, "data goes over the relay meanwhile");
        });
    }

    [Test]
    public void A_direct_pair_that_answers_its_repeated_check_wins_over_a_relay()
    {
        TestAgent agent = WithRelay(out ScriptedPeer peer);
        agent.Advance(Ms(510));
        Assert.That(agent.Checks.Any(c => c.Message.UseCandidate), Is.False);
        peer.Succeed(agent.ChecksTo("203.0.113.2:1")[^1], "10.0.0.1:5000");
        agent.Advance(S(1));
        Assert.That(agent.Checks.First(c => c.Message.UseCandidate).To, Is.EqualTo(At("203.0.113.2:1")));
    }

    [Test]
    public void However_long_a_check_takes_to_be_repeated_a_relay_waits_a_second_at_most()
    {
        TestAgent agent = WithRelay(out _, others: 30);
        agent.Advance(S(3));
        Assert.That(agent.Checks.First(c => c.Message.UseCandidate).At - Start, Is.EqualTo(Ms(1010)), "first valid at 10 ms");
    }

    [Test]
    public void The_agent_eventually_nominates_also_when_better_pairs_stay_silent()
    {
        TestAgent agent = Agent(IceRole.Controlling, out ScriptedPeer peer);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"), sent => sent.To == At("10.0.0.4:1"));
        peer.Signal("10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1");
        Assert.That(agent.AdvanceUntil(() => agent.Core.State == IceConnectionState.Connected, Ms(40_000)), Is.True);
        Assert.That(agent.Selected!.Path.Remote, Is.EqualTo(At("10.0.0.4:1")));
    }

    [Test]
    [Rfc(8445, "7.2.5.3.4")]
    public void A_nomination_whose_answer_is_lost_is_repeated()
    {
        TestAgent agent = Agent(IceRole.Controlling, out ScriptedPeer peer);
        agent.Do(agent.Core.EndGatheringInputs);
        int lost = 0;
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"), sent => !sent.Message.UseCandidate || ++lost > 3);
        peer.Signal("10.0.0.2:1");
        agent.Advance(S(10));
        SentDatagram[] nominations = [.. agent.Checks.Where(c => c.Message.UseCandidate).Take(4)];
        Assert.Multiple(() =>
        {
            Assert.That(nominations.Select(n => n.Message.Id).Distinct().Count(), Is.EqualTo(1));
            Assert.That(nominations.Select(n => (n.At - nominations[0].At).TotalMilliseconds), Is.EqualTo(new[] { 0d, 500, 1500, 3500 }));
            Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        });
    }

    [Test]
    [Rfc(8445, "7.2.5.3.4")]
    public void A_nomination_that_is_refused_makes_the_pair_fail_and_no_data_goes_over_it()
    {
        TestAgent agent = Agent(IceRole.Controlling, out ScriptedPeer peer);
        agent.Do(agent.Core.EndGatheringInputs);
        peer.Signal("10.0.0.2:1");
        peer.Succeed(agent.Checks.Single(), "10.0.0.1:5000");
        agent.Advance(Ms(50));
        SentDatagram nomination = agent.NewChecks.Single(c => c.Message.UseCandidate);
        peer.Fail(nomination, 400);
        Assert.Multiple(() =>
        {
            Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.Failed));
            Assert.That(agent.Selected, Is.Null);
            Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Last().Pair, Is.Null, "removed from the valid list");
        });
        agent.Advance(S(45));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
    }

    [Test]
    [Rfc(8445, "7.3.1.5")]
    public void The_controlled_agent_takes_the_nomination_of_a_succeeded_pair_at_once()
    {
        TestAgent agent = Agent(IceRole.Controlled, out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        peer.Succeed(agent.Checks.Single(), "10.0.0.1:5000");
        Assert.That(agent.Selected, Is.Null);
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        Assert.Multiple(() =>
        {
            Assert.That(agent.Selected!.Nominated, Is.True);
            Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
            Assert.That(agent.NewChecks.Count(), Is.EqualTo(1), "no further check");
        });
    }

    [Test]
    [Rfc(8445, "7.3.1.5")]
    [Rfc(8445, "7.2.5.3.4")]
    public void The_controlled_agent_takes_the_nomination_of_another_pair_when_its_triggered_check_succeeds()
    {
        TestAgent agent = Agent(IceRole.Controlled, out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        agent.Advance(Ms(100));
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        agent.Advance(Ms(50));
        Assert.That(agent.Selected, Is.Null);
        Assert.That(agent.NewChecks.Count(), Is.EqualTo(2), "the triggered check");
        Assert.That(agent.NewChecks.Last().Message.UseCandidate, Is.False, "§7.1.2: the controlled agent never sends it");
        peer.Succeed(agent.NewChecks.Last(), "10.0.0.1:5000");
        Assert.That(agent.Selected!.Nominated, Is.True);
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
    }

    [Test]
    [Rfc(8445, "7.3.1.5")]
    public void A_nomination_whose_triggered_check_fails_selects_nothing()
    {
        TestAgent agent = Agent(IceRole.Controlled, out ScriptedPeer peer);
        peer.SignalParameters();
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        agent.Advance(Ms(50));
        peer.Fail(agent.NewChecks.Single(), 400);
        Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.Failed));
        Assert.That(agent.Selected, Is.Null);
    }

    [Test]
    [Rfc(8445, "7.3.1.5")]
    public void A_nomination_that_comes_when_all_is_over_is_rejected_with_400()
    {
        TestAgent agent = Agent(IceRole.Controlled, out ScriptedPeer peer);
        agent.Do(agent.Core.EndGatheringInputs);
        peer.Signal("10.0.0.2:1");
        agent.Advance(S(60));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
        agent.Forget();
        SentDatagram rejected = peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true).Single();
        SentDatagram answered = peer.SendCheck(s_base, "10.0.0.2:1").Single();
        Assert.Multiple(() =>
        {
            Assert.That(rejected.Message.ErrorCode, Is.EqualTo(400));
            Assert.That(rejected.Message.Verifies(agent.Password), Is.True);
            Assert.That(agent.Core.GetDropCount(DropReason.BadRequest), Is.EqualTo(1));
            Assert.That(answered.Message.IsSuccess, Is.True, "what nominates nothing is still answered");
            Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
        });
    }

    [Test]
    public void Of_several_nominated_pairs_the_one_of_highest_priority_is_selected_in_whatever_order_they_come()
    {
        string[] remotes = ["10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1"];
        foreach (int[] order in new int[][] { [0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0] })
        {
            TestAgent agent = Agent(IceRole.Controlled, out ScriptedPeer peer);
            agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
            // An RFC 5245 peer: no 'ice2', USE-CANDIDATE in every check.
            peer.Parameters = peer.Parameters with { Options = [] };
            peer.Signal(remotes);
            foreach (int i in order)
            {
                peer.SendCheck(s_base, remotes[i], useCandidate: true);
                agent.Advance(Ms(20));
            }

            agent.Advance(Ms(500));
            Assert.That(agent.Selected!.Path.Remote, Is.EqualTo(At(remotes[0])), $"order {string.Join(' ', order)}");
            Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Last().Pair!.Path.Remote, Is.EqualTo(At(remotes[0])));
            Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        }
    }

    [Test]
    public void Of_two_nominations_of_a_peer_with_ice2_the_last_counts()
    {
        // docs/departures.md: such a peer nominates once, and again only when the first nomination has failed.
        TestAgent agent = Agent(IceRole.Controlled, out ScriptedPeer peer);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        peer.Signal("10.0.0.2:1", "10.0.0.3:1");
        agent.Advance(Ms(200));
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        Assert.That(agent.Selected!.Path.Remote, Is.EqualTo(At("10.0.0.2:1")));
        peer.SendCheck(s_base, "10.0.0.3:1", useCandidate: true);
        Assert.That(agent.Selected!.Path.Remote, Is.EqualTo(At("10.0.0.3:1")));
    }

    [Test]
    public void USE_CANDIDATE_from_a_controlled_peer_nominates_nothing()
    {
        TestAgent agent = Agent(IceRole.Controlling, out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1", "10.0.0.3:1");
        agent.Advance(Ms(60));
        peer.Succeed(agent.ChecksTo("10.0.0.3:1")[0], "10.0.0.1:5000");
        peer.SendCheck(s_base, "10.0.0.3:1", useCandidate: true);
        Assert.That(agent.Selected, Is.Null);
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Checking));
    }

    [Test]
    public void Two_agents_select_mirror_images()
    {
        var pair = new Pair();
        pair.Left.AddHost("10.0.0.1:1", pair.Now, localPreference: 65535);
        pair.Left.AddHost("10.0.0.3:3", pair.Now, localPreference: 65534);
        pair.Right.AddHost("10.0.0.2:2", pair.Now, localPreference: 65535);
        pair.Right.AddHost("10.0.0.4:4", pair.Now, localPreference: 65534);
        pair.Signal();
        pair.Drive(S(5));
        Assert.Multiple(() =>
        {
            Assert.That(pair.Left.Selected!.Local.Address, Is.EqualTo(pair.Right.Selected!.Remote.Address));
            Assert.That(pair.Left.Selected!.Remote.Address, Is.EqualTo(pair.Right.Selected!.Local.Address));
            Assert.That(pair.Left.Selected!.Priority, Is.EqualTo(pair.Right.Selected!.Priority));
            Assert.That(pair.Left.Selected!.Local.Address, Is.EqualTo(At("10.0.0.1:1")), "the best pair");
            Assert.That(pair.Left.Selected!.Remote.Address, Is.EqualTo(At("10.0.0.2:2")));
        });
    }

    [Test]
    public void Aggressive_nomination_for_tests_against_old_peers_puts_USE_CANDIDATE_in_every_check()
    {
        var pair = new Pair(new IceCoreOptions { AggressiveNomination = true });
        pair.Left.AddHost("10.0.0.1:1", pair.Now);
        pair.Right.AddHost("10.0.0.2:2", pair.Now);
        pair.Right.AddHost("10.0.0.4:4", pair.Now, localPreference: 65534);
        pair.Signal();
        pair.Drive(S(5));
        Assert.Multiple(() =>
        {
            Assert.That(pair.Flights.Where(f => f.IsCheck && f.From == pair.Left).Select(f => f.Message.UseCandidate), Is.All.True);
            Assert.That(pair.Left.Selected!.Remote.Address, Is.EqualTo(At("10.0.0.2:2")));
            Assert.That(pair.Right.Selected!.Local.Address, Is.EqualTo(At("10.0.0.2:2")));
        });
    }

    /// <summary>At 10 ms the pair of least priority is valid, by a triggered check; <paramref name="better"/> pairs are not checked yet or not answered.</summary>
    private static TestAgent Waiting(int better, out ScriptedPeer peer)
    {
        TestAgent agent = Agent(IceRole.Controlling, out peer);
        agent.Do(agent.Core.EndGatheringInputs);
        foreach (int i in Enumerable.Range(0, better))
            agent.Core.AddRemoteCandidate(0, Host($"10.0.0.{i + 2}:1", Priority(HostPreference, 1000 - i), $"r{i}"), agent.Now);
        agent.Core.AddRemoteCandidate(0, Host("10.0.9.9:1", Priority(HostPreference, 1), "least"), agent.Now);
        peer.SignalParameters();
        peer.End();
        peer.SendCheck(s_base, "10.0.9.9:1");
        agent.Advance(Ms(10));
        peer.Succeed(agent.ChecksTo("10.0.9.9:1").Single(), "10.0.0.1:5000");
        return agent;
    }

    /// <summary>An agent whose only valid pair, at 10 ms, is with the peer's relay; its direct pairs have not been answered.</summary>
    private static TestAgent WithRelay(out ScriptedPeer peer, int others = 0)
    {
        TestAgent agent = Agent(IceRole.Controlling, out peer);
        agent.Do(agent.Core.EndGatheringInputs);
        peer.Add(Candidate(IceCandidateType.ServerReflexive, At("203.0.113.2:1"), Priority(ServerReflexivePreference), "direct"));
        foreach (int i in Enumerable.Range(0, others))
            peer.Add(Candidate(IceCandidateType.ServerReflexive, At($"203.0.113.{i + 3}:1"), Priority(ServerReflexivePreference, 1000 - i), $"r{i}"));
        peer.Add(Candidate(IceCandidateType.Relayed, At("198.51.100.9:1"), Priority(0), "relay"));
        peer.SignalParameters();
        peer.End();
        peer.SendCheck(s_base, "198.51.100.9:1");
        agent.Advance(Ms(10));
        peer.Succeed(agent.ChecksTo("198.51.100.9:1").Single(), "10.0.0.1:5000");
        return agent;
    }

    private static TestAgent Agent(IceRole role, out ScriptedPeer peer)
    {
        var agent = new TestAgent(new IceCoreOptions { Role = role });
        agent.AddHost("10.0.0.1:5000");
        peer = new ScriptedPeer(agent, role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling);
        return agent;
    }
}
