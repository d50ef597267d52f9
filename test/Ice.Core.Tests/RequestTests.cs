using Ice.Core.Tests.Harness;
using Ice.Testing;
using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
internal sealed class RequestTests
{
    private static readonly BaseId s_base = new(1);

    [Test]
    [Rfc(8445, "7.3")]
    public void A_sound_check_is_answered_at_once_with_the_source_address_and_our_password()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        agent.Advance(Ms(7));
        byte[] check = peer.Bytes(peer.Check());
        IReadOnlyList<SentDatagram> sent = agent.Exchange(new IcePath(s_base, At("10.0.0.2:1")), check);
        SentDatagram response = sent[0];
        Assert.Multiple(() =>
        {
            Assert.That(response.At, Is.EqualTo(Start + Ms(7)));
            Assert.That(response.Path, Is.EqualTo(new IcePath(s_base, At("10.0.0.2:1"))));
            Assert.That(response.Message.Type, Is.EqualTo(new StunType(StunMethod.Binding, StunClass.SuccessResponse)));
            Assert.That(response.Message.Id, Is.EqualTo(WireMessage.Parse(check).Id));
            Assert.That(response.Message.Mapped, Is.EqualTo(At("10.0.0.2:1")));
            Assert.That(response.Message.Verifies(agent.Password), Is.True);
            Assert.That(response.Message.Username, Is.Null, "§7.2.2: the USERNAME attribute is not present in the response");
            Assert.That(
                response.Message.Attributes.Select(a => (StunAttributeType)a.Type),
                Is.EqualTo(new[] { StunAttributeType.XorMappedAddress, StunAttributeType.MessageIntegrity, StunAttributeType.Fingerprint }));
        });
    }

    [Test]
    [Rfc(8445, "7.3")]
    public void A_retransmitted_check_is_answered_again_and_triggers_nothing_new()
    {
        TestAgent agent = Agent(out ScriptedPeer peer, IceRole.Controlled);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        peer.Signal("10.0.0.2:1");
        byte[] check = peer.Bytes(peer.Check());
        foreach (int _ in Enumerable.Range(0, 5))
            agent.Exchange(new IcePath(s_base, At("10.0.0.2:1")), check);
        agent.Advance(S(1));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Responses.Count(), Is.EqualTo(5));
            Assert.That(agent.NewChecks.Count(), Is.EqualTo(1), "§7.3.1.4: Succeeded, nothing further is done");
        });
    }

    [Test]
    [Rfc(8489, "9.1.3")]
    public void A_request_without_credentials_gets_400_and_changes_nothing()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        agent.Forget();
        Craft sound = peer.Check();
        Assert.Multiple(() =>
        {
            AssertRefused(agent, peer, sound with { Password = null }, 400, integrity: false);
            AssertRefused(agent, peer, sound with { Username = null }, 400, integrity: false);
            AssertRefused(agent, peer, sound with { Username = null, Password = null }, 400, integrity: false);
            Assert.That(agent.Core.GetDropCount(DropReason.MissingCredentials), Is.EqualTo(3));
            Assert.That(agent.Core.GetRemoteCandidates(), Has.Count.EqualTo(1));
            Assert.That(agent.Pairs, Has.Count.EqualTo(1));
        });
    }

    [Test]
    [Rfc(8489, "9.1.3")]
    [Rfc(8445, "7.3")]
    public void A_request_with_wrong_credentials_gets_401_and_changes_nothing()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        agent.Forget();
        Craft sound = peer.Check();
        Assert.Multiple(() =>
        {
            AssertRefused(agent, peer, sound with { Username = "nobody:" + peer.Parameters.UsernameFragment }, 401, integrity: false);
            AssertRefused(agent, peer, sound with { Username = agent.Ufrag }, 401, integrity: false);
            AssertRefused(agent, peer, sound with { Username = agent.Ufrag + "x:" + peer.Parameters.UsernameFragment }, 401, integrity: false);
            AssertRefused(agent, peer, sound with { Username = $"{peer.Parameters.UsernameFragment}:{agent.Ufrag}" }, 401, integrity: false);
            AssertRefused(agent, peer, sound with { Username = "" }, 401, integrity: false);
            Assert.That(agent.Core.GetDropCount(DropReason.UnknownUsername), Is.EqualTo(5));
            AssertRefused(agent, peer, sound with { Password = peer.Parameters.Password }, 401, integrity: false);
            AssertRefused(agent, peer, sound with { Password = agent.Password.ToLowerInvariant() + "x" }, 401, integrity: false);
            Assert.That(agent.Core.GetDropCount(DropReason.BadIntegrity), Is.EqualTo(2));
            Assert.That(agent.Core.GetRemoteCandidates(), Has.Count.EqualTo(1));
            Assert.That(agent.Pairs, Has.Count.EqualTo(1));
        });
    }

    [Test]
    [Rfc(8489, "6.3.1")]
    public void Unknown_comprehension_required_attributes_get_420_with_their_list()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        agent.Forget();
        Craft craft = peer.Check() with { Extra = [(0x7F01, [1, 2, 3]), (0xFF02, [9]), (0x7F03, [])] };
        SentDatagram response = peer.Send(craft, s_base, "10.0.0.9:9").Single();
        Assert.Multiple(() =>
        {
            Assert.That(response.Message.ErrorCode, Is.EqualTo(420));
            Assert.That(response.Message.UnknownAttributes, Is.EqualTo(new ushort[] { 0x7F01, 0x7F03 }));
            Assert.That(response.Message.Value(StunAttributeType.UnknownAttributes), Is.EqualTo(new byte[] { 0x7F, 0x01, 0x7F, 0x03 }));
            Assert.That(response.Message.Verifies(agent.Password), Is.True, "an error to an authenticated request is authenticated");
            Assert.That(response.Message.HasFingerprint, Is.True);
            Assert.That(agent.Core.GetDropCount(DropReason.UnknownAttributes), Is.EqualTo(1));
            Assert.That(agent.Core.GetRemoteCandidates(), Has.Count.EqualTo(1));
        });
    }

    [Test]
    [Rfc(8489, "5")]
    public void Unknown_comprehension_optional_attributes_are_ignored()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        Craft craft = peer.Check() with { Extra = [(0xC057, [0, 1, 0, 0]), (0xC058, [1]), (0xC070, [0, 1, 2, 3, 4]), (0x8050, [])] };
        Assert.That(peer.Send(craft, s_base, "10.0.0.2:1")[0].Message.IsSuccess, Is.True);
    }

    [Test]
    [Rfc(8445, "7.3")]
    [Rfc(8445, "7.2.4")]
    public void A_request_without_FINGERPRINT_is_dropped_in_silence()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        Assert.Multiple(() =>
        {
            Assert.That(peer.Send(peer.Check() with { Fingerprint = false }, s_base, "10.0.0.9:9"), Is.Empty);
            Assert.That(agent.Core.GetDropCount(DropReason.NoFingerprint), Is.EqualTo(1));
            Assert.That(agent.Core.GetRemoteCandidates(), Has.Count.EqualTo(1));
        });
    }

    [Test]
    [Rfc(8445, "7.3")]
    public void A_message_of_RFC_3489_is_refused()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        byte[] classic = peer.Bytes(peer.Check() with { Fingerprint = false });
        classic[4] ^= 0xFF;
        Assert.Multiple(() =>
        {
            Assert.That(agent.Exchange(new IcePath(s_base, At("10.0.0.2:1")), classic), Is.Empty);
            Assert.That(agent.Core.GetDropCount(DropReason.Rfc3489), Is.EqualTo(1));
        });
    }

    [TestCase(0u)]
    [TestCase(0xFFFFFF7Eu, Description = "2,130,706,431 in the wrong byte order")]
    [Rfc(8445, "5.1.2")]
    [Rfc(8445, "7.3.1.3")]
    public void A_PRIORITY_that_no_candidate_may_have_is_taken_as_the_lowest(uint priority)
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        agent.Forget();
        IReadOnlyList<SentDatagram> answers = peer.Send(peer.Check() with { Priority = priority }, s_base, "10.0.0.9:9");
        Assert.Multiple(() =>
        {
            Assert.That(answers[0].Message.IsSuccess, Is.True);
            Assert.That(agent.Core.GetDropCount(DropReason.BadRequest), Is.Zero);
            Assert.That(agent.Core.GetRemoteCandidates().Single(c => c.Type == IceCandidateType.PeerReflexive).Priority, Is.EqualTo(1));
        });
    }

    [Test]
    [Rfc(8445, "7.1.1")]
    [Rfc(8445, "7.3.1.1")]
    public void A_request_without_PRIORITY_or_with_malformed_attributes_gets_400_with_integrity()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        agent.Forget();
        Craft sound = peer.Check();
        Assert.Multiple(() =>
        {
            AssertRefused(agent, peer, sound with { Priority = null }, 400, integrity: true);
            AssertRefused(agent, peer, sound with { Priority = null, Extra = [((ushort)StunAttributeType.Priority, [1, 2, 3])] }, 400, integrity: true);
            AssertRefused(agent, peer, sound with { Controlled = null, Extra = [((ushort)StunAttributeType.IceControlled, [1, 2, 3, 4])] }, 400, integrity: true);
            Assert.That(agent.Core.GetDropCount(DropReason.BadRequest), Is.EqualTo(3));
            Assert.That(agent.Core.GetRemoteCandidates(), Has.Count.EqualTo(1));
        });
    }

    [Test]
    public void A_request_that_names_no_role_is_taken_as_no_conflict()
    {
        // RFC 8445 says nothing of it; RFC 5245 §7.2.1.1 took the peer for an older one and saw no conflict.
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        Assert.That(peer.Send(peer.Check() with { Controlled = null }, s_base, "10.0.0.2:1")[0].Message.IsSuccess, Is.True);
        Assert.That(agent.Core.Role, Is.EqualTo(IceRole.Controlling));
    }

    [Test]
    [Rfc(8445, "7.3.1.3")]
    [Rfc(8445, "7.3.1.4")]
    public void A_check_from_an_unknown_address_brings_a_peer_reflexive_candidate_and_a_triggered_check()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        agent.Advance(Ms(200));
        peer.Send(peer.Check(priority: 12345), s_base, "203.0.113.9:9999");
        agent.Advance(Ms(50));
        IceCandidate learned = agent.Core.GetRemoteCandidates().Single(c => c.Type == IceCandidateType.PeerReflexive);
        Assert.Multiple(() =>
        {
            Assert.That(learned.Address, Is.EqualTo(At("203.0.113.9:9999")));
            Assert.That(learned.Priority, Is.EqualTo(12345));
            Assert.That(learned.Component, Is.EqualTo(1));
            Assert.That(learned.Foundation, Is.Not.EqualTo("r1").And.Not.Empty);
            Assert.That(agent.ChecksTo("203.0.113.9:9999"), Has.Count.EqualTo(1));
            Assert.That(agent.PairTo("203.0.113.9:9999").State, Is.EqualTo(CandidatePairState.InProgress));
            Assert.That(agent.PairTo("203.0.113.9:9999").Priority, Is.EqualTo(PairPriority(Priority(HostPreference), 12345)));
        });
    }

    [Test]
    [Rfc(8445, "7.3.1.3")]
    public void Two_learned_candidates_have_different_foundations_and_are_paired_with_their_base_only()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        agent.AddHost("10.0.7.1:5000", localPreference: 65534);
        peer.SignalParameters();
        peer.SendCheck(s_base, "203.0.113.9:1");
        peer.SendCheck(s_base, "203.0.113.9:2");
        agent.Advance(S(1));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.GetRemoteCandidates().Select(c => c.Foundation), Is.Unique);
            Assert.That(
                agent.Pairs.Select(p => p.Path),
                Is.EquivalentTo(new[] { new IcePath(s_base, At("203.0.113.9:1")), new IcePath(s_base, At("203.0.113.9:2")) }));
        });
    }

    [Test]
    [Rfc(8445, "7.3.1.4")]
    public void A_check_on_a_waiting_pair_makes_it_next()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1");
        Assert.That(agent.PairTo("10.0.0.4:1").State, Is.EqualTo(CandidatePairState.Waiting));
        peer.SendCheck(s_base, "10.0.0.4:1");
        agent.Advance(Ms(50));
        Assert.That(agent.NewChecks.Select(c => c.To).Take(2), Is.EqualTo(new[] { At("10.0.0.2:1"), At("10.0.0.4:1") }));
    }

    [Test]
    [Rfc(8445, "7.3.1.4")]
    public void A_check_on_a_frozen_pair_makes_it_next()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [2] });
        agent.AddHost("10.0.0.1:5000", new ComponentId(0, 1));
        BaseId second = agent.AddHost("10.0.0.1:5001", new ComponentId(0, 2));
        var peer = new ScriptedPeer(agent);
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1", foundation: "f", component: 1));
        peer.Add(Host("10.0.0.2:2", foundation: "f", component: 2));
        Assert.That(agent.PairTo("10.0.0.2:2").State, Is.EqualTo(CandidatePairState.Frozen));
        peer.SendCheck(second, "10.0.0.2:2");
        agent.Advance(Ms(50));
        Assert.That(agent.ChecksTo("10.0.0.2:2"), Has.Count.EqualTo(1));
        Assert.That(agent.PairTo("10.0.0.2:2").State, Is.EqualTo(CandidatePairState.InProgress));
    }

    [Test]
    [Rfc(8445, "7.3.1.4")]
    public void A_check_on_a_failed_pair_gives_it_another_chance()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        peer.Fail(agent.Checks.Single(), 400);
        Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.Failed));
        agent.Advance(S(2));
        peer.SendCheck(s_base, "10.0.0.2:1");
        agent.Advance(Ms(50));
        Assert.That(agent.NewChecks.Count(), Is.EqualTo(2));
        peer.Succeed(agent.NewChecks.Last(), "10.0.0.1:5000");
        Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.Succeeded));
    }

    [Test]
    [Rfc(8445, "7.3.1.4")]
    public void A_check_on_a_failed_pair_makes_it_next()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        agent.Core.AddRemoteCandidate(0, Host("10.0.0.2:1", Priority(HostPreference, 100), "a"), agent.Now);
        peer.SignalParameters();
        peer.Fail(agent.Checks.Single(), 400);
        foreach (int i in Enumerable.Range(3, 4))
            peer.Add(Host($"10.0.0.{i}:1", Priority(HostPreference, 1000 - i), $"f{i}"));
        peer.SendCheck(s_base, "10.0.0.2:1");
        agent.Advance(Ms(400));
        SentDatagram again = agent.NewChecks.Where(c => c.To == At("10.0.0.2:1")).Last();
        Assert.That(agent.NewChecks.TakeWhile(c => c != again).Count(), Is.LessThanOrEqualTo(2), "before pairs of higher priority that wait");
        Assert.That(agent.NewChecks.Select(c => c.To).Distinct().Count(), Is.EqualTo(5));
    }

    [Test]
    [Rfc(8445, "7.3.1.4")]
    public void A_check_on_a_succeeded_pair_triggers_nothing()
    {
        TestAgent agent = Agent(out ScriptedPeer peer, IceRole.Controlled);
        peer.Signal("10.0.0.2:1");
        peer.Succeed(agent.Checks.Single(), "10.0.0.1:5000");
        peer.SendCheck(s_base, "10.0.0.2:1");
        agent.Advance(S(2));
        Assert.That(agent.NewChecks.Count(), Is.EqualTo(1));
        Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.Succeeded));
    }

    [Test]
    [Rfc(8445, "7.3.1.4")]
    public void Two_checks_on_one_waiting_pair_trigger_one_check()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1", "10.0.0.3:1", "10.0.0.4:1", "10.0.0.5:1", "10.0.0.6:1", "10.0.0.7:1", "10.0.0.8:1");
        // Three triggered checks use up the burst, so that the fourth pair stays in the queue.
        foreach (int i in new[] { 8, 7, 6 })
            peer.SendCheck(s_base, $"10.0.0.{i}:1");
        peer.SendCheck(s_base, "10.0.0.5:1");
        Assert.That(agent.PairTo("10.0.0.5:1").State, Is.EqualTo(CandidatePairState.Waiting));
        peer.SendCheck(s_base, "10.0.0.5:1");
        agent.Advance(Ms(450));
        Assert.That(agent.ChecksTo("10.0.0.5:1"), Has.Count.EqualTo(1), "not present twice");
    }

    [Test]
    public void The_checks_of_a_peer_repeat_the_check_of_a_path_eight_times_at_most()
    {
        // docs/departures.md: two NATs that map each destination anew would otherwise make both agents check for ever.
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.SignalParameters();
        for (int i = 0; i < 30; i++)
        {
            peer.SendCheck(s_base, "10.0.0.2:1");
            agent.Advance(Ms(200));
        }

        Assert.That(agent.NewChecks.Count(), Is.EqualTo(1 + 8));
        Assert.That(agent.Responses.Count(r => r.Message.IsSuccess), Is.EqualTo(30), "all are answered");
        Assert.That(agent.Core.GetDropCount(DropReason.LimitReached), Is.EqualTo(30 - 9));
    }

    [Test]
    [Rfc(8445, "7.3.1.5")]
    public void What_the_peer_nominates_is_learned_though_its_checks_have_shown_more_addresses_than_are_kept()
    {
        // Between two NATs that map each destination anew and filter nothing, each check shows a new address and triggers one that shows another.
        TestAgent agent = Agent(out ScriptedPeer peer, IceRole.Controlled);
        peer.SignalParameters();
        for (int i = 1; i <= 40; i++)
        {
            peer.SendCheck(s_base, $"10.0.0.2:{i}");
            agent.Advance(Ms(100));
        }

        Assert.That(agent.Core.GetRemoteCandidates(), Has.Count.EqualTo(IceDefaults.MaxRemotePeerReflexive));
        peer.SendCheck(s_base, "10.0.0.2:5000", useCandidate: true);
        agent.Advance(Ms(100));
        peer.Succeed(agent.ChecksTo("10.0.0.2:5000").Single(), "10.0.0.1:5000");
        Assert.That(agent.Core.GetSelectedPair(ComponentId.First)?.Remote.Address, Is.EqualTo(At("10.0.0.2:5000")));
        for (int i = 6001; i <= 6040; i++)
            peer.SendCheck(s_base, $"10.0.0.2:{i}", useCandidate: true);
        Assert.That(agent.Core.GetRemoteCandidates(), Has.Count.EqualTo(IceDefaults.MaxRemotePeerReflexive + IceDefaults.MaxNominatedPeerReflexive), "and no more than a few");
    }

    [Test]
    [Rfc(8445, "11")]
    public void A_Binding_indication_is_taken_in_silence()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        agent.Forget();
        InputResult result = agent.Receive(new IcePath(s_base, At("10.0.0.2:1")), peer.Bytes(new Craft { Class = StunClass.Indication }));
        Assert.Multiple(() =>
        {
            Assert.That(result, Is.EqualTo(InputResult.Handled));
            Assert.That(agent.Sent, Is.Empty);
            Assert.That(agent.Events, Is.Empty);
        });
    }

    [Test]
    public void Another_method_is_refused_and_application_data_is_handed_back()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        agent.Forget();
        var path = new IcePath(s_base, At("10.0.0.2:1"));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Receive(path, peer.Bytes(peer.Check() with { Method = StunMethod.Allocate })), Is.EqualTo(InputResult.Dropped));
            Assert.That(agent.Core.GetDropCount(DropReason.UnexpectedMethod), Is.EqualTo(1));
            Assert.That(agent.Receive(path, [0x80, 96, 0, 1, 0, 0, 0, 0]), Is.EqualTo(InputResult.NotStun));
            Assert.That(agent.Receive(path, [22, 254, 253, 0, 0]), Is.EqualTo(InputResult.NotStun));
            Assert.That(agent.Receive(new IcePath(new BaseId(99), At("10.0.0.2:1")), peer.Bytes(peer.Check())), Is.EqualTo(InputResult.Dropped));
            Assert.That(agent.Core.GetDropCount(DropReason.UnknownBase), Is.EqualTo(1));
        });
    }

    [Test]
    [Rfc(8445, "7.3")]
    public void Checks_are_taken_on_every_base_and_answered_from_it()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [2] });
        BaseId one = agent.AddHost("10.0.0.1:5000", new ComponentId(0, 1));
        BaseId two = agent.AddHost("10.0.0.1:5001", new ComponentId(0, 2));
        BaseId three = agent.AddHost("[2001:db8::1]:5000", new ComponentId(0, 1), 65534);
        var peer = new ScriptedPeer(agent);
        peer.SignalParameters();
        foreach ((BaseId id, string from) in new[] { (one, "10.0.0.2:1"), (two, "10.0.0.2:2"), (three, "[2001:db8::2]:3") })
        {
            SentDatagram response = peer.SendCheck(id, from)[0];
            Assert.That((response.Path, response.Message.Mapped), Is.EqualTo((new IcePath(id, At(from)), At(from))));
        }

        Assert.That(agent.Core.GetRemoteCandidates().Single(c => c.Address.Port == 2).Component, Is.EqualTo(2));
    }

    private static void AssertRefused(TestAgent agent, ScriptedPeer peer, Craft craft, int code, bool integrity)
    {
        SentDatagram response = peer.Send(craft, s_base, "10.0.0.9:9").Single();
        Assert.That(response.To, Is.EqualTo(At("10.0.0.9:9")));
        Assert.That(response.Message.ErrorCode, Is.EqualTo(code));
        Assert.That(response.Message.HasIntegrity, Is.EqualTo(integrity));
        if (integrity)
            Assert.That(response.Message.Verifies(agent.Password), Is.True);
    }

    [Test]
    [Rfc(8445, "7.3.1.4")]
    public void A_check_that_meets_ours_under_way_has_it_repeated_soon_and_begins_no_second_one()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        SentDatagram ours = agent.Checks.Single();
        agent.Advance(TimeSpan.FromMilliseconds(4));
        peer.SendCheck(s_base, "10.0.0.2:1");
        Assert.That(agent.Checks.Count(), Is.EqualTo(1));
        agent.Advance(TimeSpan.FromMilliseconds(1));
        SentDatagram repeated = agent.Checks.Last();
        Assert.Multiple(() =>
        {
            Assert.That(agent.Checks.Count(), Is.EqualTo(2));
            Assert.That(repeated.Message.Id, Is.EqualTo(ours.Message.Id), "the same request once more");
            Assert.That(repeated.At - ours.At, Is.EqualTo(IceDefaults.HastenedRepeat));
        });
        peer.SendCheck(s_base, "10.0.0.2:1");
        Assert.That(agent.Checks.Last().Message.Id, Is.Not.EqualTo(ours.Message.Id), "one that has waited for longer is made anew");
    }

    [Test]
    [Rfc(8445, "7.3.1.4")]
    public void Of_two_checks_that_cross_and_are_answered_none_is_repeated()
    {
        TestAgent agent = Agent(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        SentDatagram ours = agent.Checks.Single();
        peer.SendCheck(s_base, "10.0.0.2:1");
        peer.Succeed(ours, "10.0.0.1:5000");
        agent.Advance(TimeSpan.FromMilliseconds(100));
        Assert.That(agent.Checks.Count(c => !c.Message.UseCandidate), Is.EqualTo(1));
        Assert.That(agent.Checks.Count(c => c.Message.UseCandidate), Is.EqualTo(1), "the nomination");
    }

    private static TestAgent Agent(out ScriptedPeer peer, IceRole role = IceRole.Controlling)
    {
        var agent = new TestAgent(new IceCoreOptions { Role = role });
        agent.AddHost("10.0.0.1:5000");
        peer = new ScriptedPeer(agent, role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling);
        return agent;
    }
}
