using Ice.Core.Tests.Harness;
using Ice.Testing;
using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
internal sealed class SchedulingTests
{
    [Test]
    [Rfc(8445, "6.1.4.2")]
    [Rfc(8445, "14.2")]
    public void The_first_check_leaves_at_once_and_the_others_one_per_Ta_by_falling_priority()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1", "10.0.0.5:1");
        agent.Advance(Ms(400));
        Assert.Multiple(() =>
        {
            Assert.That(agent.NewChecks.Select(c => (c.At - Start).TotalMilliseconds), Is.EqualTo(new[] { 0d, 50, 100, 150 }));
            Assert.That(agent.NewChecks.Select(c => c.To), Is.EqualTo(new[] { At("10.0.0.2:1"), At("10.0.0.3:1"), At("10.0.0.4:1"), At("10.0.0.5:1") }));
        });
    }

    [Test]
    [Rfc(8445, "6.1.4.2")]
    public void Checklists_take_turns()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [1, 1] });
        var peer = new ScriptedPeer(agent);
        agent.AddHost("10.0.0.1:5000", new ComponentId(0, 1));
        agent.AddHost("10.0.0.1:5001", new ComponentId(1, 1));
        foreach (int stream in new[] { 0, 1 })
        {
            foreach (int i in Enumerable.Range(0, 3))
                agent.Core.AddRemoteCandidate(stream, Host($"10.0.{i}.2:{100 + stream}", Priority(HostPreference, 100 - i), $"s{stream}f{i}"), agent.Now);
        }

        agent.Core.SetRemoteParameters(0, peer.Parameters, agent.Now);
        agent.Core.SetRemoteParameters(1, peer.Parameters, agent.Now);
        agent.Settle();
        agent.Advance(Ms(450));
        Assert.Multiple(() =>
        {
            Assert.That(agent.NewChecks.Select(c => c.To.Port), Is.EqualTo(new[] { 100, 101, 100, 101, 100, 101 }));
            Assert.That(agent.NewChecks.Select(c => (c.At - Start).TotalMilliseconds), Is.EqualTo(new[] { 0d, 50, 100, 150, 200, 250 }));
        });
    }

    [Test]
    [Rfc(8445, "6.1.4.2")]
    public void A_triggered_check_goes_before_an_ordinary_one_of_higher_priority()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        BaseId id = new(1);
        peer.Signal("10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1", "10.0.0.5:1");
        agent.Advance(Ms(10));
        peer.SendCheck(id, "10.0.0.5:1");
        agent.Advance(Ms(400));
        Assert.That(
            agent.NewChecks.Select(c => c.To),
            Is.EqualTo(new[] { At("10.0.0.2:1"), At("10.0.0.5:1"), At("10.0.0.3:1"), At("10.0.0.4:1") }));
    }

    [Test]
    [Rfc(8445, "7.3.1.4")]
    [Rfc(8489, "6.3.1")]
    public void A_check_of_the_peer_that_comes_again_triggers_no_other_check()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        BaseId id = new(1);
        peer.Signal("10.0.0.2:1");
        Craft check = peer.Check() with { Id = TransactionId.From([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]) };
        agent.Advance(Ms(10));
        peer.Send(check, id, "10.0.0.2:1");
        agent.Advance(Ms(10));
        Assert.That(agent.NewChecks.Count(), Is.EqualTo(2), "the first check, and the one that the peer's triggers");
        peer.Send(check, id, "10.0.0.2:1");
        agent.Advance(Ms(200));
        Assert.That(agent.NewChecks.Count(), Is.EqualTo(2));
        peer.SendCheck(id, "10.0.0.2:1");
        agent.Advance(Ms(200));
        Assert.That(agent.NewChecks.Count(), Is.EqualTo(3), "another check of the peer does");
    }

    [Test]
    [Rfc(8445, "6.1.4.1")]
    public void Triggered_checks_go_first_in_first_out()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        BaseId id = new(1);
        peer.Signal([.. Enumerable.Range(2, 8).Select(i => $"10.0.0.{i}:1")]);
        foreach (int i in new[] { 9, 6, 8, 5, 7 })
            peer.SendCheck(id, $"10.0.0.{i}:1");
        agent.Advance(Ms(400));
        Assert.That(agent.NewChecks.Select(c => c.To).Take(6), Is.EqualTo(new[] { 2, 9, 6, 8, 5, 7 }.Select(i => At($"10.0.0.{i}:1"))));
    }

    [Test]
    [Rfc(8445, "14.2")]
    public void Over_any_time_the_rate_is_one_transaction_per_Ta_with_a_burst_of_three_at_most()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        BaseId id = new(1);
        peer.Signal([.. Enumerable.Range(2, 40).Select(i => $"10.0.0.{i}:1")]);
        foreach (int i in Enumerable.Range(2, 40))
            peer.SendCheck(id, $"10.0.0.{i}:1");
        agent.Advance(Ms(2500));
        double[] times = [.. agent.NewChecks.Select(c => (c.At - Start).TotalMilliseconds)];
        Assert.That(times, Has.Length.GreaterThanOrEqualTo(40));
        for (int i = 0; i < times.Length; i++)
        {
            for (int j = i; j < times.Length; j++)
                Assert.That(j - i + 1, Is.LessThanOrEqualTo(((times[j] - times[i]) / 50) + 1 + IceDefaults.UrgentBurst), $"transactions {i} to {j}");
        }
    }

    [Test]
    [Rfc(8445, "14.2")]
    public void Two_agents_with_a_shared_pacer_do_not_send_ordinary_transactions_closer_than_Ta()
    {
        var pacer = new Pacer(Ms(5));
        TestAgent one = Agent(new IceCoreOptions { Pacer = pacer, Pacing = Ms(5) }, out ScriptedPeer peerOne);
        TestAgent two = Agent(new IceCoreOptions { Pacer = pacer, Pacing = Ms(5) }, out ScriptedPeer peerTwo);
        peerOne.Parameters = peerOne.Parameters with { PacingMilliseconds = 5 };
        peerTwo.Parameters = peerTwo.Parameters with { PacingMilliseconds = 5 };
        string[] addresses = [.. Enumerable.Range(2, 10).Select(i => $"10.0.0.{i}:1")];
        peerOne.Signal(addresses);
        peerTwo.Signal(addresses);
        for (int i = 0; i < 400; i++)
        {
            one.Advance(Ms(1));
            two.Advance(Ms(1));
        }

        double[] times = [.. one.NewChecks.Concat(two.NewChecks).Select(c => (c.At - Start).TotalMilliseconds).Order()];
        Assert.That(times, Has.Length.EqualTo(20));
        Assert.That(times.Zip(times.Skip(1), (a, b) => b - a), Is.All.GreaterThanOrEqualTo(5));
    }

    [TestCase(20, null, 50)]
    [TestCase(20, 20, 20)]
    [TestCase(20, 80, 80)]
    [TestCase(100, 80, 100)]
    [TestCase(50, null, 50)]
    [TestCase(50, 1000, 1000)]
    [TestCase(50, 5000, 1000)]
    [Rfc(8445, "14.2")]
    public void Both_agents_use_the_higher_of_the_proposed_Ta_and_no_proposal_means_50_ms(int ours, int? theirs, int expected)
    {
        TestAgent agent = Agent(new IceCoreOptions { Pacing = Ms(ours) }, out ScriptedPeer peer);
        peer.Parameters = peer.Parameters with { PacingMilliseconds = theirs };
        peer.Signal("10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1");
        agent.Advance(S(3));
        Assert.Multiple(() =>
        {
            Assert.That(agent.NewChecks.Select(c => (c.At - Start).TotalMilliseconds), Is.EqualTo(new double[] { 0, expected, 2 * expected }));
            Assert.That(agent.Core.LocalParameters.PacingMilliseconds ?? 50, Is.EqualTo(ours), "another value than 50 ms is told to the peer");
        });
    }

    [Test]
    [Rfc(8445, "14.2")]
    public void A_Ta_below_5_ms_is_refused_at_once()
    {
        Assert.Multiple(() =>
        {
            Assert.That(() => new Pacer(Ms(4.9)), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => new TestAgent(new IceCoreOptions { Pacing = Ms(4.9) }), Throws.InstanceOf<ArgumentException>());
            Assert.That(() => new TestAgent(new IceCoreOptions { Pacing = Ms(5) }), Throws.Nothing);
        });
    }

    [Test]
    [Rfc(8445, "14.3")]
    [Rfc(8489, "6.2.1")]
    [Rfc(8445, "7.2.5.2.3")]
    public void A_check_without_an_answer_is_sent_seven_times_and_fails_after_39_5_seconds()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        agent.Advance(Ms(39_499));
        Assert.That(agent.Pairs.Single().State, Is.EqualTo(CandidatePairState.InProgress));
        agent.Advance(Ms(1));
        (Instant At, IceEvent Event) failed = agent.Events.First(e => e.Event is IceEvent.PairChanged { Pair.State: CandidatePairState.Failed });
        Assert.Multiple(() =>
        {
            Assert.That(agent.Checks.Select(c => (c.At - Start).TotalMilliseconds), Is.EqualTo(new[] { 0d, 500, 1500, 3500, 7500, 15500, 31500 }));
            Assert.That(failed.At - Start, Is.EqualTo(Ms(39_500)));
            foreach (SentDatagram again in agent.Checks)
                Assert.That(again.Message.Bytes, Is.EqualTo(agent.Checks.First().Message.Bytes), "a retransmission is the same datagram");
        });
    }

    [TestCase(2, 50, 500)]
    [TestCase(10, 50, 500)]
    [TestCase(11, 50, 550)]
    [TestCase(20, 50, 1000)]
    [TestCase(6, 100, 600)]
    [Rfc(8445, "14.3")]
    public void The_RTO_of_a_check_grows_with_the_pairs_waiting_and_in_progress(int pairs, int pacing, double expected)
    {
        // RTO = MAX (500ms, Ta * (Num-Waiting + Num-In-Progress)), N being 1 (docs/departures.md); nothing is answered, so all stay so.
        TestAgent agent = Agent(new IceCoreOptions { Pacing = Ms(pacing) }, out ScriptedPeer peer);
        foreach (int i in Enumerable.Range(0, pairs))
            agent.Core.AddRemoteCandidate(0, Host($"10.0.{i}.2:1", Priority(HostPreference, 100 - i), $"f{i}"), agent.Now);
        peer.SignalParameters();
        agent.Advance(S(3));
        Assert.That(agent.NewChecks.Count(), Is.EqualTo(pairs));
        foreach (IGrouping<TransactionId, SentDatagram> check in agent.Checks.GroupBy(c => c.Message.Id))
            Assert.That((check.ElementAt(1).At - check.First().At).TotalMilliseconds, Is.EqualTo(expected));
        Instant lastFirst = agent.NewChecks.Last().At;
        Assert.That(agent.Checks.GroupBy(c => c.Message.Id).Select(g => g.ElementAt(1).At), Is.All.GreaterThanOrEqualTo(lastFirst), "§14.1: the first packet of every check goes before any is repeated");
    }

    [Test]
    [Rfc(8445, "14.3")]
    public void The_RTO_is_never_less_than_500_ms()
    {
        TestAgent agent = Agent(new IceCoreOptions { Pacing = Ms(5) }, out ScriptedPeer peer);
        peer.Parameters = peer.Parameters with { PacingMilliseconds = 5 };
        peer.Signal("10.0.0.2:1", "10.0.0.3:1");
        agent.Advance(S(30));
        foreach (IGrouping<TransactionId, SentDatagram> check in agent.Checks.GroupBy(c => c.Message.Id))
            Assert.That(check.Zip(check.Skip(1), (a, b) => b.At - a.At), Is.All.GreaterThanOrEqualTo(Ms(500)));
    }

    [Test]
    [Rfc(8489, "6.2.1")]
    public void After_a_sleep_a_check_is_repeated_once_and_not_in_a_burst()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        agent.Sleep(S(10));
        Assert.That(agent.Checks.Select(c => (c.At - Start).TotalMilliseconds), Is.EqualTo(new[] { 0d, 10_000 }));
        agent.Advance(S(22));
        Assert.That(agent.Checks.Select(c => (c.At - Start).TotalMilliseconds), Is.EqualTo(new[] { 0d, 10_000, 15_500, 31_500 }));
    }

    [Test]
    public void After_a_sleep_of_days_the_agent_comes_to_rest_at_once()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        peer.Signal([.. Enumerable.Range(2, 30).Select(i => $"10.0.0.{i}:1")]);
        agent.Advance(Ms(300));
        int before = agent.Sent.Count;
        agent.Sleep(TimeSpan.FromDays(3));
        Assert.That(agent.Sent.Count - before, Is.LessThanOrEqualTo(4), "Ta holds after a sleep too: one transaction and the burst");
    }

    [Test]
    [Rfc(8445, "6.1.4.2")]
    public void Nothing_is_sent_before_both_the_parameters_and_a_candidate_of_the_peer_are_known()
    {
        TestAgent agent = Agent(new IceCoreOptions(), out ScriptedPeer peer);
        peer.Add(Host("10.0.0.2:1"));
        agent.Advance(S(5));
        Assert.That(agent.Sent, Is.Empty);
        peer.SignalParameters();
        Assert.That(agent.NewChecks.Single().At, Is.EqualTo(Start + S(5)));
    }

    private static TestAgent Agent(IceCoreOptions options, out ScriptedPeer peer)
    {
        var agent = new TestAgent(options);
        agent.AddHost("10.0.0.1:5000");
        peer = new ScriptedPeer(agent, options.Role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling);
        return agent;
    }
}
