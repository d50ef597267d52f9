using Ice.Core.Tests.Harness;
using Ice.Testing;
using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
[Rfc(8445, "9")]
internal sealed class RestartTests
{
    private static readonly BaseId s_base = new(1);

    [Test]
    public void A_restart_changes_both_the_fragment_and_the_password()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        IceParameters before = agent.Core.LocalParameters;
        IceParameters after = agent.Do(now => agent.Core.Restart(null, now));
        Assert.Multiple(() =>
        {
            Assert.That(after.UsernameFragment, Is.Not.EqualTo(before.UsernameFragment));
            Assert.That(after.Password, Is.Not.EqualTo(before.Password));
            Assert.That(agent.Core.LocalParameters, Is.EqualTo(after));
            Assert.That(agent.EventsOf<IceEvent.Restarted>().Single().Parameters, Is.EqualTo(after));
        });
    }

    [Test]
    public void A_restart_with_the_old_fragment_or_password_is_refused_at_once()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        IceParameters before = agent.Core.LocalParameters;
        IceParameters fresh = IceParameters.Create(new SeededEntropy(9));
        Assert.Multiple(() =>
        {
            Assert.That(() => agent.Core.Restart(fresh with { UsernameFragment = before.UsernameFragment }, agent.Now), Throws.ArgumentException);
            Assert.That(() => agent.Core.Restart(fresh with { Password = before.Password }, agent.Now), Throws.ArgumentException);
            Assert.That(agent.Core.LocalParameters, Is.EqualTo(before));
            Assert.That(agent.Do(now => agent.Core.Restart(fresh, now)).Password, Is.EqualTo(fresh.Password));
        });
    }

    [Test]
    public void Other_credentials_of_the_peer_and_other_destinations_need_a_restart()
    {
        Pair pair = Connected();
        IceParameters other = IceParameters.Create(new SeededEntropy(9));
        Assert.That(() => pair.Left.Core.SetRemoteParameters(0, other, pair.Now), Throws.InvalidOperationException);
        Assert.That(pair.Left.Core.AddRemoteCandidate(0, Host("10.0.9.9:9"), pair.Now), Is.Not.Null);
        pair.Drive(S(10));
        Assert.That(pair.Left.Selected!.Path.Remote, Is.EqualTo(At("10.0.0.2:2")));
        Assert.That(pair.Flights.Select(f => f.To), Has.None.EqualTo(At("10.0.9.9:9")));
    }

    [Test]
    [Rfc(8445, "12.1")]
    public void During_a_restart_data_goes_over_the_old_pair_until_the_new_one_is_selected()
    {
        Pair pair = Connected();
        int old = pair.Left.Selected!.Id;
        pair.Left.Core.Restart(null, pair.Now);
        pair.Right.Core.Restart(null, pair.Now);
        pair.Settle();
        Assert.That(pair.Left.EventsOf<IceEvent.SendPathChanged>().Last().Pair!.Id, Is.EqualTo(old));
        int before = pair.Left.Events.Count;
        pair.Drive(S(10));
        Assert.Multiple(() =>
        {
            Assert.That(pair.Left.Events.Skip(before).Select(e => e.Event).OfType<IceEvent.SendPathChanged>(), Is.Empty, "nothing changes while the new session has no pair");
            Assert.That(pair.Left.Selected!.Id, Is.EqualTo(old), "§12.1: equal to the previous selected pair");
        });
        pair.Signal();
        Assert.That(pair.DriveUntil(() => pair.Left.Selected is { } s && s.Id != old, S(3)), Is.True);
        IEnumerable<CandidatePairInfo?> paths = pair.Left.Events.Skip(before).Select(e => e.Event).OfType<IceEvent.SendPathChanged>().Select(e => e.Pair);
        Assert.That(paths, Has.None.Null, "data is never without a path");
        pair.Drive(S(1));
        Assert.That(pair.Right.Core.State, Is.EqualTo(IceConnectionState.Connected));
    }

    [Test]
    public void The_checks_of_the_new_session_use_the_new_credentials_and_the_roles_stay()
    {
        Pair pair = Connected();
        IceRole left = pair.Left.Core.Role;
        pair.Left.Core.Restart(null, pair.Now);
        pair.Right.Core.Restart(null, pair.Now);
        pair.Signal();
        int before = pair.Flights.Count;
        Assert.That(pair.Left.Core.Role, Is.EqualTo(left));
        pair.Drive(S(3));
        string username = $"{pair.Right.Core.LocalParameters.UsernameFragment}:{pair.Left.Core.LocalParameters.UsernameFragment}";
        Pair.Flight[] checks = [.. pair.Flights.Skip(before).Where(f => f.IsCheck && f.From == pair.Left && f.Message.Username == username)];
        Assert.Multiple(() =>
        {
            Assert.That(pair.Left.Core.Role, Is.EqualTo(left));
            Assert.That(pair.Right.Core.Role, Is.Not.EqualTo(left));
            Assert.That(pair.Left.Core.State, Is.EqualTo(IceConnectionState.Connected));
            Assert.That(pair.Right.Core.State, Is.EqualTo(IceConnectionState.Connected));
            Assert.That(checks, Is.Not.Empty);
            Assert.That(checks.Select(c => c.Message.Verifies(pair.Right.Core.LocalParameters.Password)), Is.All.True);
        });
    }

    [Test]
    [Rfc(8445, "6.1.1")]
    public void The_role_cannot_be_set_anew_by_a_restart()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent);
        peer.Signal("10.0.0.2:1");
        agent.Do(now => agent.Core.Restart(null, now));
        Assert.That(() => agent.Core.SetRole(IceRole.Controlled, agent.Now), Throws.InvalidOperationException);
        Assert.That(agent.Core.Role, Is.EqualTo(IceRole.Controlling));
    }

    [Test]
    [Rfc(8445, "6.1.1")]
    public void A_peer_that_takes_our_role_after_a_restart_is_a_conflict_like_any_other()
    {
        var agent = new TestAgent(new IceCoreOptions { TieBreaker = 1 });
        agent.AddHost("10.0.0.1:5000");
        var peer = new ScriptedPeer(agent);
        peer.Signal("10.0.0.2:1");
        agent.Do(now => agent.Core.Restart(null, now));
        var restarted = new ScriptedPeer(agent, IceRole.Controlling, seed: 5);
        restarted.SignalParameters();
        Assert.That(restarted.SendCheck(s_base, "10.0.0.2:1")[0].Message.IsSuccess, Is.True);
        Assert.That(agent.Core.Role, Is.EqualTo(IceRole.Controlled), "an agent MUST accept if the peer initiates a redetermination of the roles");
    }

    [Test]
    [Rfc(8445, "7.3")]
    public void Checks_with_the_old_credentials_are_still_answered_with_the_old_password()
    {
        TestAgent agent = Nominated(out ScriptedPeer peer);
        string oldPassword = agent.Password;
        Craft oldCheck = peer.Check();
        agent.Do(now => agent.Core.Restart(null, now));
        SentDatagram response = peer.Send(oldCheck, s_base, "10.0.0.2:1")[0];
        Assert.Multiple(() =>
        {
            Assert.That(response.Message.IsSuccess, Is.True);
            Assert.That(response.Message.Verifies(oldPassword), Is.True);
            Assert.That(response.Message.Verifies(agent.Password), Is.False);
        });
        SentDatagram fresh = peer.SendCheck(s_base, "10.0.0.2:1")[0];
        Assert.That(fresh.Message.IsSuccess, Is.True, "an early check of the new session");
        Assert.That(fresh.Message.Verifies(agent.Password), Is.True);
    }

    [Test]
    [Rfc(8445, "7.3")]
    public void A_check_of_a_session_that_the_peer_has_not_signaled_yet_is_refused_before_and_after_our_restart()
    {
        TestAgent agent = Nominated(out ScriptedPeer peer);
        var restarted = new ScriptedPeer(agent, IceRole.Controlling, seed: 5);
        Craft premature = restarted.Check(useCandidate: true);
        SentDatagram before = restarted.Send(premature, s_base, "10.0.0.2:2").Single();
        agent.Do(now => agent.Core.Restart(null, now));
        SentDatagram after = restarted.Send(premature, s_base, "10.0.0.2:2").Single();
        Assert.Multiple(() =>
        {
            Assert.That(before.Message.ErrorCode, Is.EqualTo(401));
            Assert.That(after.Message.ErrorCode, Is.EqualTo(401));
            Assert.That(agent.Core.GetDropCount(DropReason.UnknownUsername), Is.EqualTo(2));
            Assert.That(agent.EventsOf<IceEvent.AcceptedPathsChanged>().Last().Paths, Is.EqualTo(new[] { new IcePath(s_base, At("10.0.0.2:1")) }));
        });

        // What it says with our new credentials is an early check, and counts when its parameters come.
        agent.Network = restarted.Answering(_ => At("10.0.0.1:5000"));
        Assert.That(restarted.SendCheck(s_base, "10.0.0.2:2", useCandidate: true)[0].Message.IsSuccess, Is.True);
        restarted.Signal("10.0.0.2:2");
        Assert.That(agent.Selected!.Path.Remote, Is.EqualTo(At("10.0.0.2:2")));
    }

    [Test]
    [Rfc(8445, "12.2")]
    public void During_a_restart_data_is_still_accepted_from_the_old_path()
    {
        TestAgent agent = Nominated(out ScriptedPeer peer);
        agent.Do(now => agent.Core.Restart(null, now));
        var restarted = new ScriptedPeer(agent, IceRole.Controlling, seed: 5);
        restarted.SignalParameters();
        restarted.SendCheck(s_base, "10.0.0.9:9");
        Assert.That(
            agent.EventsOf<IceEvent.AcceptedPathsChanged>().Last().Paths,
            Is.EquivalentTo(new[] { new IcePath(s_base, At("10.0.0.2:1")), new IcePath(s_base, At("10.0.0.9:9")) }));
    }

    [Test]
    [Rfc(8445, "8.3.1")]
    public void Checks_of_the_old_session_are_answered_for_three_seconds_after_the_new_one_has_concluded()
    {
        TestAgent agent = Nominated(out ScriptedPeer peer);
        Craft old = peer.Check();
        agent.Do(now => agent.Core.Restart(null, now));
        var restarted = new ScriptedPeer(agent, IceRole.Controlling, seed: 5);
        agent.Network = restarted.Answering(_ => At("10.0.0.1:5000"));
        restarted.SignalParameters();
        restarted.SendCheck(s_base, "10.0.0.2:1", useCandidate: true);
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        agent.Advance(Ms(2_900));
        Assert.That(peer.Send(old, s_base, "10.0.0.2:1")[0].Message.IsSuccess, Is.True);
        agent.Advance(Ms(200));
        Assert.That(peer.Send(old, s_base, "10.0.0.2:1")[0].Message.ErrorCode, Is.EqualTo(401));
    }

    [Test]
    [Rfc(7675, "5.1")]
    public void Consent_goes_on_on_the_old_pair_with_the_old_credentials()
    {
        TestAgent agent = Nominated(out ScriptedPeer peer);
        string username = $"{peer.Parameters.UsernameFragment}:{agent.Ufrag}";
        agent.Do(now => agent.Core.Restart(null, now));
        agent.Forget();
        agent.Advance(S(60));
        Assert.That(agent.Checks.Count(), Is.InRange(10, 15), "one every 4 to 6 seconds");
        Assert.That(agent.Checks.Select(c => c.Message.Username), Is.All.EqualTo(username));
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Where(e => e.Pair is null), Is.Empty);
        agent.Network = null;
        agent.Advance(S(31));
        Assert.That(agent.EventsOf<IceEvent.SendPathChanged>().Last().Pair, Is.Null, "and when it is lost, sending ends");
    }

    [Test]
    public void New_candidates_are_gathered_and_signalled_and_old_remote_ones_forgotten()
    {
        Pair pair = Connected();
        int before = pair.Left.Events.Count;
        pair.Left.Core.Restart(null, pair.Now);
        pair.Settle();
        Assert.Multiple(() =>
        {
            Assert.That(
                pair.Left.Events.Skip(before).Select(e => e.Event).OfType<IceEvent.LocalCandidate>().Select(e => e.Candidate.Address),
                Is.EqualTo(new[] { At("10.0.0.1:1") }));
            Assert.That(pair.Left.Core.GetRemoteCandidates(), Is.Empty);
        });
    }

    [Test]
    public void A_failed_session_can_be_restarted_and_then_connects()
    {
        var pair = new Pair();
        pair.Left.AddHost("10.0.0.1:1", pair.Now);
        pair.Right.AddHost("10.0.0.2:2", pair.Now);
        pair.Lose = _ => true;
        pair.Signal();
        pair.Drive(S(60));
        Assert.That(pair.Left.Core.State, Is.EqualTo(IceConnectionState.Failed));
        pair.Lose = null;
        pair.Left.Core.Restart(null, pair.Now);
        pair.Right.Core.Restart(null, pair.Now);
        pair.Signal();
        pair.Drive(S(3));
        Assert.That(pair.Left.Core.State, Is.EqualTo(IceConnectionState.Connected));
        Assert.That(pair.Right.Core.State, Is.EqualTo(IceConnectionState.Connected));
    }

    [Test]
    public void A_restart_can_move_the_data_to_another_destination()
    {
        Pair pair = Connected();
        pair.Right.AddHost("10.0.9.9:9", pair.Now, localPreference: 65534);
        pair.Lose = f => f.To == At("10.0.0.2:2") || f.Source == At("10.0.0.2:2");
        pair.Left.Core.Restart(null, pair.Now);
        pair.Right.Core.Restart(null, pair.Now);
        pair.Signal();
        pair.Drive(S(10));
        Assert.That(pair.Left.Selected!.Path.Remote, Is.EqualTo(At("10.0.9.9:9")));
    }

    [Test]
    public void The_credentials_before_are_known_as_long_as_their_checks_are_answered()
    {
        Pair pair = Connected();
        IceParameters before = pair.Left.Core.LocalParameters;
        Assert.That(pair.Left.Core.PreviousLocalParameters, Is.Null);
        pair.Left.Core.Restart(null, pair.Now);
        pair.Right.Core.Restart(null, pair.Now);
        Assert.That(pair.Left.Core.PreviousLocalParameters, Is.EqualTo(before));
        pair.Signal();
        Assert.That(pair.DriveUntil(() => pair.Left.Core.PreviousLocalParameters is null, Ms(5000)), Is.True);
        Assert.That(pair.Elapsed, Is.GreaterThan(IceDefaults.FreeingDelay));
    }

    [Test]
    public void Sockets_that_are_closed_fail_every_session_at_once_and_say_why()
    {
        var waiting = new TestAgent();
        waiting.AddHost("10.0.0.1:5000");
        waiting.Do(now => waiting.Core.SocketsClosed("the owner went away", now));
        IceEvent.StateChanged failed = waiting.EventsOf<IceEvent.StateChanged>().Single();
        Assert.That((failed.State, failed.Reason, failed.Explanation), Is.EqualTo((IceConnectionState.Failed, IceFailureReason.SocketsClosed, "the owner went away")));

        Pair pair = Connected();
        pair.Left.Core.Restart(null, pair.Now);
        pair.Left.Core.SocketsClosed("the owner went away", pair.Now);
        Assert.Multiple(() =>
        {
            Assert.That(pair.Left.Core.State, Is.EqualTo(IceConnectionState.Failed));
            Assert.That(pair.Left.Core.GetSelectedPair(ComponentId.First), Is.Null);
        });
        pair.Left.Core.SocketsClosed("again", pair.Now);
    }

    private static Pair Connected()
    {
        var pair = new Pair();
        pair.Left.AddHost("10.0.0.1:1", pair.Now);
        pair.Right.AddHost("10.0.0.2:2", pair.Now);
        pair.Signal();
        Assert.That(
            pair.DriveUntil(() => pair.Left.Core.State == IceConnectionState.Connected && pair.Right.Core.State == IceConnectionState.Connected, S(3)),
            Is.True);
        return pair;
    }
}
