using Ice.Core.Tests.Harness;
using Ice.Testing;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
internal sealed class LiteTests
{
    private static readonly BaseId s_base = new(1);

    [Test]
    [Rfc(8445, "7")]
    [Rfc(8445, "7.3.2")]
    [Rfc(8445, "8.2")]
    public void A_lite_agent_answers_checks_takes_the_nomination_and_never_sends_a_request()
    {
        TestAgent agent = Lite(out ScriptedPeer peer);
        Assert.That(agent.Core.LocalParameters.Lite, Is.True);
        peer.Signal("10.0.0.2:1");
        Assert.That(peer.SendCheck(s_base, "10.0.0.2:1").Single().Message.IsSuccess, Is.True);
        Assert.That(agent.Selected, Is.Null);
        Assert.That(peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true).Single().Message.IsSuccess, Is.True);
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        Assert.That(agent.Selected!.Path, Is.EqualTo(new IcePath(s_base, At("10.0.0.2:1"))));
        agent.Advance(S(60));
        Assert.That(agent.Sent.Where(s => s.Message.IsRequest), Is.Empty);
    }

    [Test]
    [Rfc(8445, "7.3.2")]
    public void A_lite_agent_takes_the_nomination_from_an_address_that_was_not_signalled()
    {
        TestAgent agent = Lite(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        peer.SendCheck(s_base, "203.0.113.9:9", useCandidate: true);
        Assert.That(agent.Selected!.Path, Is.EqualTo(new IcePath(s_base, At("203.0.113.9:9"))));
    }

    [Test]
    [Rfc(8445, "12.1.1")]
    public void A_lite_agent_sends_no_data_before_it_has_a_valid_pair_for_each_component()
    {
        var agent = new TestAgent(new IceCoreOptions { Mode = IceMode.Lite, Role = IceRole.Controlled, Streams = [2] });
        BaseId one = agent.AddHost("10.0.0.1:1", new ComponentId(0, 1));
        BaseId two = agent.AddHost("10.0.0.1:2", new ComponentId(0, 2));
        var peer = new ScriptedPeer(agent, IceRole.Controlling);
        peer.SignalParameters();
        peer.Add(Host("10.0.0.2:1", component: 1));
        peer.Add(Host("10.0.0.2:2", component: 2));
        peer.End();
        peer.SendCheck(one, "10.0.0.2:1");
        peer.SendCheck(two, "10.0.0.2:2");
        peer.SendCheck(one, "10.0.0.2:1", useCandidate: true);
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Where(e => e.Pair is not null), Is.Empty);
        Assert.That(agent.Core.State, Is.Not.EqualTo(IceConnectionState.Connected));
        peer.SendCheck(two, "10.0.0.2:2", useCandidate: true);
        Assert.That(
            agent.EventsOf<IceEvent.SendPathChanged>().Where(e => e.Pair is not null).Select(e => e.Component),
            Is.EquivalentTo(new[] { new ComponentId(0, 1), new ComponentId(0, 2) }));
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
    }

    [Test]
    [Rfc(8445, "6.1.1")]
    public void A_lite_agent_is_controlled_when_the_peer_is_full_and_a_full_one_controlling_when_the_peer_is_lite()
    {
        var lite = new TestAgent(new IceCoreOptions { Mode = IceMode.Lite, Role = IceRole.Controlling });
        lite.AddHost("10.0.0.1:1");
        new ScriptedPeer(lite).Signal("10.0.0.2:1");
        Assert.That(lite.Core.Role, Is.EqualTo(IceRole.Controlled));

        var full = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        full.AddHost("10.0.0.1:1");
        var peer = new ScriptedPeer(full);
        peer.Parameters = peer.Parameters with { Lite = true };
        peer.Signal("10.0.0.2:1");
        Assert.Multiple(() =>
        {
            Assert.That(full.Core.Role, Is.EqualTo(IceRole.Controlling));
            Assert.That(full.Checks.Single().Message.Controlling, Is.Not.Null);
        });
    }

    [Test]
    [Rfc(8445, "6.1.1")]
    public void A_full_agent_connects_to_a_lite_one_and_its_consent_checks_carry_USE_CANDIDATE()
    {
        // Some lite peers take a check without USE-CANDIDATE as the end of the nomination; the attribute costs nothing.
        var full = new TestAgent(new IceCoreOptions { Role = IceRole.Controlled });
        full.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(full);
        peer.Parameters = peer.Parameters with { Lite = true, Options = [] };
        full.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        full.Do(full.Core.EndGatheringInputs);
        peer.Signal("10.0.0.2:1");
        Assert.That(full.AdvanceUntil(() => full.Core.State == IceConnectionState.Connected, S(1)), Is.True);
        full.Forget();
        full.Advance(S(30));
        Assert.That(full.Checks.Count(), Is.GreaterThanOrEqualTo(5));
        Assert.That(full.Checks.Select(c => c.Message.UseCandidate), Is.All.True);
    }

    [Test]
    public void Full_and_lite_connect_over_a_link()
    {
        var pair = new Pair(new IceCoreOptions { Role = IceRole.Controlling }, new IceCoreOptions { Mode = IceMode.Lite, Role = IceRole.Controlling });
        pair.Left.AddHost("10.0.0.1:1", pair.Now);
        pair.Right.AddHost("203.0.113.2:2", pair.Now);
        pair.Signal();
        Assert.That(
            pair.DriveUntil(() => pair.Left.Core.State == IceConnectionState.Connected && pair.Right.Core.State == IceConnectionState.Connected, S(2)),
            Is.True);
        pair.Drive(S(120));
        Assert.Multiple(() =>
        {
            Assert.That(pair.Left.Core.State, Is.EqualTo(IceConnectionState.Connected));
            Assert.That(pair.Right.Core.State, Is.EqualTo(IceConnectionState.Connected));
            Assert.That(pair.Flights.Where(f => f.From == pair.Right && f.Message.IsRequest), Is.Empty);
        });
    }

    [Test]
    [Rfc(8445, "6.1.1")]
    [Rfc(8445, "8.2")]
    public void Two_lite_agents_are_connected_without_any_check()
    {
        var pair = new Pair(
            new IceCoreOptions { Mode = IceMode.Lite, Role = IceRole.Controlling },
            new IceCoreOptions { Mode = IceMode.Lite, Role = IceRole.Controlled });
        pair.Left.AddHost("203.0.113.1:1", pair.Now);
        pair.Right.AddHost("203.0.113.2:2", pair.Now);
        pair.Signal();
        pair.Drive(S(1));
        Assert.Multiple(() =>
        {
            Assert.That(pair.Left.Core.State, Is.EqualTo(IceConnectionState.Connected));
            Assert.That(pair.Right.Core.State, Is.EqualTo(IceConnectionState.Connected));
            Assert.That(pair.Left.Selected!.Path.Remote, Is.EqualTo(At("203.0.113.2:2")));
            Assert.That(pair.Right.Selected!.Path.Remote, Is.EqualTo(At("203.0.113.1:1")));
            Assert.That(pair.Flights.Where(f => f.Message.IsRequest), Is.Empty);
            Assert.That(pair.Left.Core.Role, Is.EqualTo(IceRole.Controlling));
            Assert.That(pair.Right.Core.Role, Is.EqualTo(IceRole.Controlled));
        });
    }

    [Test]
    [Rfc(8445, "6.1.1")]
    public void The_role_between_a_full_and_a_lite_agent_cannot_be_set_otherwise()
    {
        TestAgent lite = Lite(out ScriptedPeer peer);
        peer.SignalParameters();
        Assert.That(() => lite.Core.SetRole(IceRole.Controlling, lite.Now), Throws.InvalidOperationException);
        var full = new TestAgent();
        var litePeer = new ScriptedPeer(full);
        litePeer.Parameters = litePeer.Parameters with { Lite = true };
        litePeer.SignalParameters();
        Assert.That(() => full.Core.SetRole(IceRole.Controlled, full.Now), Throws.InvalidOperationException);
    }

    [Test]
    [Rfc(8445, "11")]
    public void A_lite_agent_keeps_its_path_alive_with_indications()
    {
        TestAgent agent = Lite(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        peer.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        agent.Forget();
        agent.Advance(S(31));
        Assert.That(agent.Sent.Select(s => s.Message.IsIndication), Is.EqualTo(new[] { true, true }));
    }

    [Test]
    [Rfc(8445, "5.2")]
    public void A_lite_agent_gathers_host_candidates_only_one_per_address()
    {
        TestAgent agent = Lite(out _);
        agent.AddHost("[2001:db8::1]:5000", localPreference: 65534);
        IceCandidate[] candidates = [.. agent.Core.GetLocalCandidates()];
        Assert.Multiple(() =>
        {
            Assert.That(candidates.Select(c => c.Type), Is.EqualTo(new[] { IceCandidateType.Host, IceCandidateType.Host }));
            Assert.That(candidates.Select(c => c.Foundation), Is.Unique);
            Assert.That(candidates.Select(c => c.Priority), Is.Unique);
            Assert.That(candidates.Select(c => c.Priority >> 24), Is.All.EqualTo(126u));
            Assert.That(candidates[0].Priority, Is.EqualTo(Priority(HostPreference)));
        });
    }

    [Test]
    [Rfc(8445, "7.3")]
    public void A_lite_agent_refuses_what_is_not_authenticated()
    {
        TestAgent agent = Lite(out ScriptedPeer peer);
        peer.Signal("10.0.0.2:1");
        Craft sound = peer.Check(useCandidate: true);
        Assert.Multiple(() =>
        {
            Assert.That(peer.Send(sound with { Password = "wrongwrongwrongwrongwrong" }, s_base, "10.0.0.2:1").Single().Message.ErrorCode, Is.EqualTo(401));
            Assert.That(peer.Send(sound with { Username = "x:y" }, s_base, "10.0.0.2:1").Single().Message.ErrorCode, Is.EqualTo(401));
            Assert.That(peer.Send(sound with { Fingerprint = false }, s_base, "10.0.0.2:1"), Is.Empty);
            Assert.That(agent.Selected, Is.Null);
        });
    }

    private static TestAgent Lite(out ScriptedPeer peer)
    {
        var agent = new TestAgent(new IceCoreOptions { Mode = IceMode.Lite, Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        peer = new ScriptedPeer(agent, IceRole.Controlling);
        return agent;
    }
}
