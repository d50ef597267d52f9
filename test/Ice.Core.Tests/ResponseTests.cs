using Ice.Core.Tests.Harness;
using Ice.Testing;
using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
internal sealed class ResponseTests
{
    private static readonly BaseId s_base = new(1);

    [Test]
    [Rfc(8445, "7.2.5.3")]
    [Rfc(8445, "7.2.5.3.2")]
    public void A_success_response_makes_the_pair_valid_and_measures_the_round_trip()
    {
        TestAgent agent = Checking(out ScriptedPeer peer, out SentDatagram check, IceRole.Controlled);
        agent.Advance(Ms(37));
        Assert.That(peer.Succeed(check, "10.0.0.1:5000"), Is.EqualTo(InputResult.Handled));
        CandidatePairInfo pair = agent.PairTo("10.0.0.2:1");
        Assert.Multiple(() =>
        {
            Assert.That(pair.State, Is.EqualTo(CandidatePairState.Succeeded));
            Assert.That(pair.Nominated, Is.False);
            Assert.That(pair.RoundTripTime, Is.EqualTo(Ms(37)));
            Assert.That(pair.ResponsesReceived, Is.EqualTo(1));
            Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Last().Pair!.Id, Is.EqualTo(pair.Id));
            Assert.That(agent.TotalDrops(), Is.Zero);
        });
    }

    [Test]
    [Rfc(8489, "6.3")]
    public void A_username_in_a_success_response_is_overlooked_as_libnice_sends_it()
    {
        TestAgent agent = Checking(out ScriptedPeer peer, out SentDatagram check, IceRole.Controlled);
        Craft craft = peer.SuccessCraft(check, At("10.0.0.1:5000")) with { Username = "theirs:ours" };
        Assert.Multiple(() =>
        {
            Assert.That(agent.Receive(check.Path, peer.Bytes(craft)), Is.EqualTo(InputResult.Handled));
            Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.Succeeded));
        });
    }

    [TestCase("10.0.0.2:2")]
    [TestCase("10.0.0.3:1")]
    [Rfc(8445, "7.2.5.2.1")]
    public void An_authenticated_response_from_another_address_is_refused_and_the_pair_fails(string from)
    {
        TestAgent agent = Checking(out ScriptedPeer peer, out SentDatagram check, IceRole.Controlled);
        byte[] response = peer.Success(check, At("10.0.0.1:5000"));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Receive(new IcePath(s_base, At(from)), response), Is.EqualTo(InputResult.Dropped));
            Assert.That(agent.Core.GetDropCount(DropReason.WrongSource), Is.EqualTo(1));
            Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.Failed));
            Assert.That(agent.PairTo("10.0.0.2:1").FailureReason, Is.Not.Null);
            Assert.That(agent.EventsOf<IceEvent.SendPathChanged>(), Is.Empty);
            Assert.That(agent.Core.GetLocalCandidates(), Has.Count.EqualTo(1));
            Assert.That(agent.Receive(check.Path, response), Is.EqualTo(InputResult.Dropped), "the transaction is over");
        });
    }

    [Test]
    [Rfc(8445, "7.2.5.2.1")]
    public void A_response_that_comes_to_another_base_is_refused_too()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        BaseId other = agent.AddHost("10.0.9.1:5000", localPreference: 65534);
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        peer.Signal("10.0.0.2:1");
        SentDatagram check = agent.Checks.First();
        Assert.That(check.Path.Base, Is.Not.EqualTo(other));
        agent.Receive(check.Path with { Base = other }, peer.Success(check, At("10.0.0.1:5000")));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.GetDropCount(DropReason.WrongSource), Is.EqualTo(1));
            Assert.That(agent.Pairs.Single(p => p.Path == check.Path).State, Is.EqualTo(CandidatePairState.Failed));
        });
    }

    [Test]
    [Rfc(8445, "7.2.5.2.1")]
    public void A_forged_response_from_another_address_does_not_even_fail_the_pair()
    {
        TestAgent agent = Checking(out ScriptedPeer peer, out SentDatagram check, IceRole.Controlled);
        agent.Receive(new IcePath(s_base, At("10.0.0.3:1")), peer.Bytes(peer.SuccessCraft(check, At("10.0.0.1:5000")) with { Password = "wrongwrongwrongwrongwrong" }));
        Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.InProgress));
        Assert.That(peer.Succeed(check, "10.0.0.1:5000"), Is.EqualTo(InputResult.Handled));
        Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.Succeeded));
    }

    [Test]
    [Rfc(8445, "7.2.5.3.1")]
    [Rfc(8445, "7.2.5.3.2")]
    [Rfc(8445, "7.2.5.3.3")]
    public void A_mapped_address_that_is_no_candidate_becomes_a_peer_reflexive_one_and_the_valid_pair_has_it()
    {
        TestAgent agent = Checking(out ScriptedPeer peer, out SentDatagram check, IceRole.Controlled, localPreference: 500);
        agent.Forget();
        peer.Succeed(check, "203.0.113.5:6000");
        IceCandidate[] candidates = [.. agent.Core.GetLocalCandidates()];
        Assert.That(candidates, Has.Length.EqualTo(2));
        IceCandidate reflexive = candidates.Single(c => c.Type == IceCandidateType.PeerReflexive);
        CandidatePairInfo sendPair = agent.EventsOf<IceEvent.SendPathChanged>().Last().Pair!;
        Assert.Multiple(() =>
        {
            Assert.That(reflexive.Address, Is.EqualTo(At("203.0.113.5:6000")));
            Assert.That(reflexive.Priority, Is.EqualTo(check.Message.Priority!.Value));
            Assert.That(reflexive.Priority, Is.EqualTo(Priority(PeerReflexivePreference, 500)));
            Assert.That(reflexive.RelatedAddress, Is.EqualTo(At("10.0.0.1:5000")), "the base is the local candidate of the pair");
            Assert.That(reflexive.Foundation, Is.Not.EqualTo(candidates.Single(c => c.Type == IceCandidateType.Host).Foundation));
            Assert.That(reflexive.Component, Is.EqualTo(1));
            Assert.That(sendPair.Local.Type, Is.EqualTo(IceCandidateType.PeerReflexive), "for a valid pair: what the peer sees us as");
            Assert.That(sendPair.Local.Address, Is.EqualTo(At("203.0.113.5:6000")));
            Assert.That(sendPair.Path, Is.EqualTo(check.Path), "data leaves from the base");
            Assert.That(sendPair.Priority, Is.EqualTo(PairPriority(sendPair.Remote.Priority, reflexive.Priority)), "we are controlled");
            Assert.That(agent.Pairs.Select(p => p.State), Is.All.EqualTo(CandidatePairState.Succeeded));
            Assert.That(agent.EventsOf<IceEvent.LocalCandidate>(), Is.Empty, "a peer-reflexive candidate is not signalled");
        });
    }

    [Test]
    [Rfc(8445, "7.2.5.3.1")]
    public void The_same_mapped_address_a_second_time_is_the_same_candidate()
    {
        TestAgent agent = Checking(out ScriptedPeer peer, out SentDatagram check, IceRole.Controlled, "10.0.0.2:1", "10.0.0.3:1");
        peer.Succeed(check, "203.0.113.5:6000");
        agent.Advance(Ms(50));
        peer.Succeed(agent.ChecksTo("10.0.0.3:1")[0], "203.0.113.5:6000");
        Assert.That(agent.Core.GetLocalCandidates().Count(c => c.Type == IceCandidateType.PeerReflexive), Is.EqualTo(1));
    }

    [Test]
    [Rfc(8445, "7.2.5.3.2")]
    public void A_mapped_address_that_is_our_server_reflexive_candidate_makes_the_valid_pair_with_it()
    {
        var agent = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        agent.Network = sent => sent.To.Port == 3478
            ? new Craft { Class = StunClass.SuccessResponse, Id = sent.Message.Id, XorMapped = At("203.0.113.5:6000") }.ToBytes(new SeededEntropy(3))
            : null;
        agent.Do(now => agent.Core.AddServer(new GatheringServer(1, At("198.51.100.1:3478"), "stun:a"), now));
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        agent.Advance(Ms(100));
        peer.Signal("10.0.0.2:1");
        peer.Succeed(agent.Checks.Single(), "203.0.113.5:6000");
        CandidatePairInfo sendPair = agent.EventsOf<IceEvent.SendPathChanged>().Last().Pair!;
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.GetLocalCandidates(), Has.Count.EqualTo(2), "no new candidate");
            Assert.That(sendPair.Local.Type, Is.EqualTo(IceCandidateType.ServerReflexive));
            Assert.That(sendPair.Priority, Is.EqualTo(PairPriority(sendPair.Remote.Priority, Priority(ServerReflexivePreference))), "the signalled priority");
        });
    }

    [Test]
    [Rfc(8489, "9.1.4")]
    public void A_response_without_or_with_wrong_integrity_is_as_if_it_had_never_come()
    {
        TestAgent agent = Checking(out ScriptedPeer peer, out SentDatagram check, IceRole.Controlled);
        Craft sound = peer.SuccessCraft(check, At("10.0.0.1:5000"));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Receive(check.Path, peer.Bytes(sound with { Password = null })), Is.EqualTo(InputResult.Dropped));
            Assert.That(agent.Receive(check.Path, peer.Bytes(sound with { Password = agent.Password })), Is.EqualTo(InputResult.Dropped));
            Assert.That(agent.Receive(check.Path, peer.Bytes(sound with { Password = "wrongwrongwrongwrongwrong" })), Is.EqualTo(InputResult.Dropped));
            Assert.That(agent.Core.GetDropCount(DropReason.BadIntegrity), Is.EqualTo(3));
            Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.InProgress));
        });
        agent.Advance(Ms(500));
        Assert.That(agent.Checks.Count(), Is.EqualTo(2), "retransmissions go on");
        Assert.That(agent.Receive(check.Path, peer.Bytes(sound)), Is.EqualTo(InputResult.Handled));
        Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.Succeeded));
    }

    [TestCase(400)]
    [TestCase(401)]
    [TestCase(403)]
    [TestCase(487)]
    [Rfc(8489, "9.1.4")]
    [Rfc(8445, "19.2")]
    public void An_error_response_without_integrity_changes_nothing(int code)
    {
        TestAgent agent = Checking(out ScriptedPeer peer, out SentDatagram check, IceRole.Controlled);
        agent.Forget();
        agent.Receive(check.Path, peer.Bytes(peer.ErrorCraft(check, code) with { Password = null }));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.GetDropCount(DropReason.BadIntegrity), Is.EqualTo(1));
            Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.InProgress));
            Assert.That(agent.Core.Role, Is.EqualTo(IceRole.Controlled));
            Assert.That(agent.Events, Is.Empty);
        });
    }

    [TestCase(400)]
    [TestCase(420)]
    [TestCase(600)]
    [Rfc(8445, "7.2.5.2.4")]
    public void An_unrecoverable_error_response_fails_the_pair(int code)
    {
        TestAgent agent = Checking(out ScriptedPeer peer, out SentDatagram check, IceRole.Controlled, "10.0.0.2:1", "10.0.0.3:1");
        Assert.That(peer.Fail(check, code), Is.EqualTo(InputResult.Handled));
        Assert.Multiple(() =>
        {
            Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.Failed));
            Assert.That(agent.PairTo("10.0.0.2:1").FailureReason, Does.Contain(code.ToString(System.Globalization.CultureInfo.InvariantCulture)));
            Assert.That(agent.PairTo("10.0.0.3:1").State, Is.EqualTo(CandidatePairState.Waiting), "the others are not touched");
        });
        agent.Advance(S(60));
        Assert.That(agent.ChecksTo("10.0.0.2:1"), Has.Count.EqualTo(1), "no retransmission");
    }

    [Test]
    [Rfc(8445, "7.3")]
    public void ALTERNATE_SERVER_in_the_answer_to_a_check_leads_nowhere()
    {
        TestAgent agent = Checking(out ScriptedPeer peer, out SentDatagram check, IceRole.Controlled);
        Craft redirect = peer.ErrorCraft(check, 300) with { Extra = [((ushort)StunAttributeType.AlternateServer, [0, 1, 0x0D, 0x96, 198, 51, 100, 9])] };
        agent.Receive(check.Path, peer.Bytes(redirect));
        agent.Advance(S(10));
        Assert.That(agent.Sent.Select(s => s.To), Is.All.EqualTo(At("10.0.0.2:1")));
        Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.Failed));
    }

    [Test]
    [Rfc(8445, "7.2.5.3.1")]
    public void A_success_without_a_mapped_address_is_refused()
    {
        TestAgent agent = Checking(out ScriptedPeer peer, out SentDatagram check, IceRole.Controlled);
        agent.Receive(check.Path, peer.Bytes(peer.SuccessCraft(check, TransportAddress.None)));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Core.GetDropCount(DropReason.NoMappedAddress), Is.EqualTo(1));
            Assert.That(agent.PairTo("10.0.0.2:1").State, Is.Not.EqualTo(CandidatePairState.Succeeded));
        });
    }

    [Test]
    public void A_response_that_comes_twice_counts_once()
    {
        TestAgent agent = Checking(out ScriptedPeer peer, out SentDatagram check, IceRole.Controlled);
        byte[] response = peer.Success(check, At("10.0.0.1:5000"));
        Assert.Multiple(() =>
        {
            Assert.That(agent.Receive(check.Path, response), Is.EqualTo(InputResult.Handled));
            Assert.That(agent.Receive(check.Path, response), Is.EqualTo(InputResult.Dropped));
            Assert.That(agent.Core.GetDropCount(DropReason.UnknownTransaction), Is.EqualTo(1));
            Assert.That(agent.PairTo("10.0.0.2:1").ResponsesReceived, Is.EqualTo(1));
        });
    }

    [Test]
    [Rfc(8445, "7.3.1.4")]
    public void A_cancelled_check_is_not_repeated_but_its_answer_still_counts()
    {
        TestAgent agent = Checking(out ScriptedPeer peer, out SentDatagram check, IceRole.Controlled);
        agent.Advance(Ms(100));
        peer.SendCheck(s_base, "10.0.0.2:1");
        agent.Advance(Ms(100));
        SentDatagram[] checks = [.. agent.NewChecks];
        Assert.That(checks, Has.Length.EqualTo(2), "the triggered check is a new transaction");
        agent.Advance(Ms(650));
        Assert.That(agent.Checks.Count(c => c.Message.Id == check.Message.Id), Is.EqualTo(1), "no retransmission of the cancelled one");
        Assert.That(agent.Checks.Count(c => c.Message.Id == checks[1].Message.Id), Is.EqualTo(2), "but of the new one");
        Assert.That(peer.Succeed(check, "10.0.0.1:5000"), Is.EqualTo(InputResult.Handled));
        Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.Succeeded));
    }

    [Test]
    [Rfc(8445, "7.3.1.4")]
    public void A_cancelled_check_without_an_answer_is_no_failure()
    {
        TestAgent agent = Checking(out ScriptedPeer peer, out SentDatagram check, IceRole.Controlled);
        agent.Advance(S(10));
        peer.SendCheck(s_base, "10.0.0.2:1");
        agent.Advance(S(30));
        Assert.That(agent.Now - check.At, Is.GreaterThan(Ms(39_500)));
        Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.InProgress), "the second check is under way for 9.5 s more");
        agent.Advance(Ms(9_600));
        Assert.That(agent.EventsOf<IceEvent.PairChanged>().Last().Pair.State, Is.EqualTo(CandidatePairState.Failed));
    }

    [Test]
    [Rfc(8445, "7.2.5.3.2")]
    public void A_late_answer_to_an_earlier_transmission_counts()
    {
        TestAgent agent = Checking(out ScriptedPeer peer, out SentDatagram check, IceRole.Controlled);
        agent.Advance(S(8));
        Assert.That(agent.Checks.Count(), Is.EqualTo(5));
        Assert.That(peer.Succeed(check, "10.0.0.1:5000"), Is.EqualTo(InputResult.Handled));
        Assert.That(agent.PairTo("10.0.0.2:1").State, Is.EqualTo(CandidatePairState.Succeeded));
    }

    private static TestAgent Checking(out ScriptedPeer peer, out SentDatagram check, IceRole role, params string[] remotes) =>
        Checking(out peer, out check, role, 65535, remotes);

    private static TestAgent Checking(out ScriptedPeer peer, out SentDatagram check, IceRole role, int localPreference, params string[] remotes)
    {
        var agent = new TestAgent(new IceCoreOptions { Role = role });
        agent.AddHost("10.0.0.1:5000", localPreference: localPreference);
        peer = new ScriptedPeer(agent, role == IceRole.Controlling ? IceRole.Controlled : IceRole.Controlling);
        peer.Signal(remotes.Length == 0 ? ["10.0.0.2:1"] : remotes);
        check = agent.Checks.First();
        return agent;
    }
}
