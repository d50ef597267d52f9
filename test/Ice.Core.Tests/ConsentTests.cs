using Ice.Core.Tests.Harness;
using Ice.Testing;
using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
[Rfc(7675, "5.1")]
internal sealed class ConsentTests
{
    private static readonly BaseId s_base = new(1);

    [Test]
    public void Consent_is_asked_every_4_to_6_seconds_each_time_anew_and_at_random()
    {
        TestAgent agent = Nominated(out ScriptedPeer peer);
        agent.Forget();
        agent.Advance(S(600));
        SentDatagram[] checks = [.. agent.Checks];
        double[] gaps = [.. checks.Zip(checks.Skip(1), (a, b) => (b.At - a.At).TotalSeconds)];
        Assert.Multiple(() =>
        {
            Assert.That(checks, Has.Length.InRange(100, 150));
            Assert.That(gaps, Is.All.InRange(4.0, 6.0));
            Assert.That(gaps.Select(g => Math.Round(g, 2)).Distinct().Count(), Is.GreaterThan(50), "each interval is drawn");
            Assert.That(gaps.Min(), Is.LessThan(4.3));
            Assert.That(gaps.Max(), Is.GreaterThan(5.7));
            Assert.That(gaps.Average(), Is.EqualTo(5).Within(0.2));
            Assert.That(checks.Select(c => c.Message.Id), Is.Unique, "a new transaction identifier each time");
            Assert.That(checks.Select(c => c.Path), Is.All.EqualTo(new IcePath(s_base, At("10.0.0.2:1"))));
            Assert.That(checks.Select(c => c.Message.Verifies(peer.Parameters.Password)), Is.All.True);
            Assert.That(checks.Select(c => c.Message.Username), Is.All.EqualTo($"{peer.Parameters.UsernameFragment}:{agent.Ufrag}"));
            Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        });
    }

    [Test]
    public void Consent_expires_exactly_30_seconds_after_the_last_answer_that_counts()
    {
        TestAgent agent = Nominated(out _);
        agent.Advance(S(60));
        agent.Network = null;
        // The last request that was answered, at once: consent counts from its answer.
        Instant last = agent.Checks.Last().At;
        agent.Forget();
        agent.Advance(S(30) - (agent.Now - last) - Ms(1));
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>(), Is.Empty);
        Assert.That(agent.Core.State, Is.Not.EqualTo(IceConnectionState.Failed));
        agent.Advance(Ms(1));
        (Instant At, IceEvent Event) lost = agent.Events.Single(e => e.Event is IceEvent.SendPathChanged);
        IceEvent.StateChanged state = agent.EventsOf<IceEvent.StateChanged>().Last();
        Assert.Multiple(() =>
        {
            Assert.That(lost.At - last, Is.EqualTo(S(30)));
            Assert.That(((IceEvent.SendPathChanged)lost.Event).Pair, Is.Null, "the endpoint MUST cease transmission");
            Assert.That(agent.Events.IndexOf(lost), Is.LessThan(agent.Events.FindIndex(e => e.Event == state)), "who hears that it failed can send no more");
            Assert.That(state.State, Is.EqualTo(IceConnectionState.Failed));
            Assert.That(state.Reason, Is.EqualTo(IceFailureReason.ConsentExpired));
            Assert.That(agent.Checks.Select(c => c.Message.Id), Is.Unique, "each is transmitted once only");
        });
    }

    [Test]
    public void An_answer_to_an_earlier_request_renews_consent_too()
    {
        TestAgent agent = Nominated(out ScriptedPeer peer);
        agent.Network = null;
        agent.Forget();
        agent.Advance(S(15));
        SentDatagram earlier = agent.Checks.First();
        Assert.That(agent.Checks.Count(), Is.GreaterThanOrEqualTo(2));
        peer.Succeed(earlier, "10.0.0.1:5000");
        agent.Advance(S(29));
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>(), Is.Empty);
        agent.Advance(S(1));
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Single().Pair, Is.Null);
    }

    [Test]
    public void An_answer_after_expiry_does_not_bring_consent_back()
    {
        TestAgent agent = Nominated(out ScriptedPeer peer);
        agent.Network = null;
        agent.Forget();
        agent.Advance(S(36));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
        SentDatagram[] checks = [.. agent.Checks];
        agent.Forget();
        foreach (SentDatagram check in checks)
            Assert.That(peer.Succeed(check, "10.0.0.1:5000"), Is.EqualTo(InputResult.Dropped), "outstanding consent transactions are discarded");
        peer.SendCheck(s_base, "10.0.0.2:1");
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        agent.Advance(S(60));
        Assert.Multiple(() =>
        {
            Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Where(e => e.Pair is not null), Is.Empty, "the same credentials MUST NOT be used on that 5-tuple again");
            Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
            Assert.That(agent.Checks, Is.Empty);
        });
    }

    [Test]
    public void Only_answers_renew_consent_not_the_checks_or_the_data_of_the_peer()
    {
        TestAgent agent = Nominated(out ScriptedPeer peer);
        agent.Network = null;
        agent.Forget();
        for (int i = 0; i < 31; i++)
        {
            agent.Advance(S(1));
            if (agent.Core.State == IceConnectionState.Failed)
                break;
            peer.SendCheck(s_base, "10.0.0.2:1");
            agent.Do(now => agent.Core.ReportDataReceived(ComponentId.First, now));
        }

        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Single().Pair, Is.Null);
    }

    [Test]
    public void Forged_answers_do_not_renew_consent()
    {
        TestAgent agent = Nominated(out ScriptedPeer peer);
        agent.Network = null;
        agent.Forget();
        Instant start = agent.Now;
        int answered = 0;
        agent.Network = sent =>
        {
            answered++;
            Craft sound = peer.SuccessCraft(sent, At("10.0.0.1:5000"));
            return peer.Bytes((answered % 3) switch
            {
                0 => sound with { Password = null },
                1 => sound with { Password = "wrongwrongwrongwrongwrong" },
                _ => sound with { Id = null },
            });
        };
        agent.Advance(S(31));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
        Assert.That(answered, Is.GreaterThanOrEqualTo(5));
        Assert.That(agent.Events.First(e => e.Event is IceEvent.SendPathChanged).At - start, Is.LessThanOrEqualTo(S(30)));
    }

    [Test]
    public void An_answer_from_another_address_does_not_renew_consent()
    {
        TestAgent agent = Nominated(out ScriptedPeer peer);
        agent.Network = null;
        agent.Forget();
        while (agent.Core.State != IceConnectionState.Failed && agent.Now - Start < S(60))
        {
            int before = agent.Checks.Count();
            agent.Advance(Ms(500));
            foreach (SentDatagram check in agent.Checks.Skip(before).ToArray())
                agent.Receive(new IcePath(s_base, At("10.0.0.66:1")), peer.Success(check, At("10.0.0.1:5000")));
        }

        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
        Assert.That(agent.Core.GetDropCount(DropReason.WrongSource), Is.GreaterThanOrEqualTo(4));
    }

    [Test]
    [Rfc(7675, "5.2")]
    public void An_authenticated_403_revokes_consent_at_once()
    {
        TestAgent agent = Nominated(out ScriptedPeer peer);
        agent.Network = null;
        agent.Forget();
        agent.Advance(S(7));
        SentDatagram check = agent.Checks.Last();
        agent.Receive(check.Path, peer.Bytes(peer.ErrorCraft(check, 403) with { Password = null }));
        Assert.That(agent.Core.State, Is.Not.EqualTo(IceConnectionState.Failed), "an unauthenticated one does not");
        peer.Fail(check, 403);
        Assert.Multiple(() =>
        {
            Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Single().Pair, Is.Null);
            Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Failed));
        });
    }

    [Test]
    [Rfc(7675, "5.2")]
    public void Consent_can_be_revoked_on_the_word_of_an_authenticated_message_until_a_restart()
    {
        TestAgent agent = Nominated(out ScriptedPeer peer);
        agent.Forget();
        agent.Do(now => agent.Core.RevokeConsent(ComponentId.First, now));
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Single().Pair, Is.Null);
        agent.Advance(S(60));
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        Assert.Multiple(() =>
        {
            Assert.That(agent.Checks, Is.Empty);
            Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Count(), Is.EqualTo(1));
        });
    }

    [Test]
    public void Consent_begins_with_the_success_of_the_check_not_with_the_nomination()
    {
        // RFC 7675 §5: "An endpoint gains consent to send on a candidate pair when the pair enters the Succeeded ICE state."
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        peer.Signal("10.0.0.2:1");
        peer.Succeed(agent.Checks.Single(), "10.0.0.1:5000");
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Last().Pair, Is.Not.Null);
        agent.Advance(S(20));
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        agent.Forget();
        agent.Advance(Ms(9_999));
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Where(e => e.Pair is null), Is.Empty);
        agent.Advance(S(31));
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Last().Pair, Is.Null);
    }

    [Test]
    public void A_pair_whose_consent_was_lost_before_the_nomination_is_never_used_again_in_the_session()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1"));
        peer.Succeed(agent.Checks.Single(), "10.0.0.1:5000");
        agent.Advance(S(31));
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Last().Pair, Is.Null);
        agent.Forget();
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        Assert.That(peer.SendCheck(s_base, "10.0.0.2:1").Single().Message.IsSuccess, Is.True, "answered, and no check triggered");
        agent.Forget();
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        agent.Advance(S(5));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Responses.Single().Message.ErrorCode, Is.EqualTo(400), "a nomination that is not accepted is rejected");
            Assert.That(agent.Checks, Is.Empty);
            Assert.That(agent.EventsOf<IceEvent.SendPathChanged>(), Is.Empty);
        });
        // Another path of the same session is another matter.
        peer.SendCheck(s_base, "10.0.0.3:1", useCandidate: true);
        agent.Advance(Ms(100));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
    }

    [Test]
    public void When_consent_is_lost_data_does_not_move_to_a_pair_that_was_not_answered_for_30_seconds_either()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1", Priority(HostPreference, 100), "a"));
        peer.Add(Host("10.0.0.3:1", Priority(HostPreference, 90), "b"));
        agent.Advance(S(20));
        Assert.That(agent.Pairs.Select(p => p.State), Is.All.EqualTo(CandidatePairState.Succeeded));
        agent.Network = null;
        agent.Forget();
        agent.Advance(S(35));
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Single().Pair, Is.Null);
    }

    [Test]
    public void A_pair_that_was_not_used_for_30_seconds_is_checked_again_before_it_carries_data()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        peer.Signal("10.0.0.2:1", "10.0.0.3:1");
        agent.Advance(S(35));
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Last().Pair!.Path.Remote, Is.EqualTo(At("10.0.0.2:1")));
        agent.Network = null;
        agent.Forget();
        peer.SendCheck(s_base, "10.0.0.3:1", useCandidate: true);
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>(), Is.Empty, "the last answer on that pair is 35 s old");
        SentDatagram check = agent.ChecksTo("10.0.0.3:1").Single();
        peer.Succeed(check, "10.0.0.1:5000");
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Single().Pair!.Path.Remote, Is.EqualTo(At("10.0.0.3:1")));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
    }

    [Test]
    public void Both_ends_of_a_link_keep_consent_and_both_lose_it_when_the_link_is_cut()
    {
        var pair = new Pair();
        pair.Left.AddHost("10.0.0.1:1", pair.Now);
        pair.Right.AddHost("10.0.0.2:2", pair.Now);
        pair.Signal();
        pair.Drive(S(300));
        Assert.That(pair.Left.Core.State, Is.EqualTo(IceConnectionState.Connected));
        Assert.That(pair.Right.Core.State, Is.EqualTo(IceConnectionState.Connected));
        pair.Lose = _ => true;
        pair.Drive(S(30));
        Assert.That(pair.Left.Core.State, Is.EqualTo(IceConnectionState.Failed));
        Assert.That(pair.Right.Core.State, Is.EqualTo(IceConnectionState.Failed));
    }
}
