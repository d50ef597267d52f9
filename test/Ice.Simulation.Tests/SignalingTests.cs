using Ice.Core;
using Ice.Testing;

namespace Ice.Simulation.Tests;

public class SignalingTests
{
    // One answerer and one offerer whose servers are silent: gathering takes 39.5 s, and whoever waits for it is late by that.
    [TestCase(TrickleMode.Full, 0, 2)]
    [TestCase(TrickleMode.Half, 39.5, 42)]
    [TestCase(TrickleMode.None, 79, 82)]
    [Rfc(8838, "16")]
    public void Who_waits_for_all_candidates_is_late_by_the_gathering(TrickleMode mode, double earliest, double latest)
    {
        var scenario = new Scenario { Seed = 1, Trickle = mode, ServersAnswer = false };
        ScenarioResult result = ScenarioRunner.Run(scenario);
        Assert.That(result.Problems, Is.Empty, result.ToString());
        Assert.That(result.TimeToConnected!.Value.TotalSeconds, Is.InRange(earliest, latest + 5));
    }

    [Test]
    [Rfc(8445, "9")]
    public void Restarts_from_either_side_change_the_credentials_of_both()
    {
        foreach (bool byOfferer in new[] { true, false })
        {
            var world = new ScenarioWorld(new Scenario { Seed = 2 });
            world.Signaling.Start();
            Assert.That(world.Network.RunUntil(() => AreConnected(world), TimeSpan.FromSeconds(5)), Is.True);
            string offerer = world.Offerer.Core.LocalParameters.UsernameFragment;
            string answerer = world.Answerer.Core.LocalParameters.UsernameFragment;
            world.Signaling.Restart(byOfferer ? world.Offerer : world.Answerer);
            Assert.That(AreConnected(world), Is.False);
            Assert.That(world.Network.RunUntil(() => AreConnected(world) && HasRestarted(world.Offerer) && HasRestarted(world.Answerer), TimeSpan.FromSeconds(5)), Is.True);
            Assert.That(world.Offerer.Core.LocalParameters.UsernameFragment, Is.Not.EqualTo(offerer));
            Assert.That(world.Answerer.Core.LocalParameters.UsernameFragment, Is.Not.EqualTo(answerer));
            Assert.That(world.Answerer.Core.GetRemoteParameters(0)!.UsernameFragment, Is.EqualTo(world.Offerer.Core.LocalParameters.UsernameFragment));
        }
    }

    [Test]
    public void Candidates_of_a_session_that_was_restarted_meanwhile_are_dropped()
    {
        var world = new ScenarioWorld(new Scenario { Seed = 3, SignalingDelay = TimeSpan.FromSeconds(1), AnswererGathersEarly = true });
        world.Signaling.Start();
        world.Network.RunFor(TimeSpan.FromMilliseconds(1_500));
        world.Signaling.Restart(world.Offerer);
        Assert.That(world.Network.RunUntil(() => AreConnected(world) && HasRestarted(world.Answerer), TimeSpan.FromSeconds(10)), Is.True);
        Assert.That(world.Signaling.Unused.Count, Is.Zero, world.Signaling.Unused.LastReason);
    }

    private static bool AreConnected(ScenarioWorld world) =>
        world.Offerer.State == IceConnectionState.Connected && world.Answerer.State == IceConnectionState.Connected;

    private static bool HasRestarted(SimAgent agent) => agent.Log.Any(static entry => entry.Event is IceEvent.Restarted);
}
