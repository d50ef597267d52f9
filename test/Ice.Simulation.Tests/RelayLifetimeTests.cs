using Ice.Core;
using Ice.Testing;
using Stun;

namespace Ice.Simulation.Tests;

/// <summary>Allocations, permissions and channels over hours: loss, nonces that change, machines that sleep, and what is left in the end.</summary>
public class RelayLifetimeTests
{
    private static readonly LinkConditions s_lossy = new()
    {
        Latency = TimeSpan.FromMilliseconds(30),
        Jitter = TimeSpan.FromMilliseconds(20),
        Loss = LossModel.Random(0.10),
        Reorder = 0.05,
        Duplicate = 0.02,
    };

    // Consent is off: with a loss of a third of the checks it expires by chance in hours (RFC 7675 §5.1), and is not what is tested here.
    [Test]
    [Rfc(8656, "3.2")]
    [Rfc(8656, "9")]
    [Rfc(8656, "12")]
    public void Nothing_lapses_while_in_use_over_four_hours_with_a_tenth_of_all_packets_lost([Range(1, 6)] int seed)
    {
        RelayNet net = new((ulong)(200 + seed), relayOnlyA: true, relayOnlyB: true, conditions: s_lossy, consent: false);
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        Assert.That(net.Network.RunUntil(() => BothThroughChannels(net), TimeSpan.FromMinutes(1)), Is.True, net.Explain());
        int arrived = 0;
        for (int minute = 0; minute < 240; minute++)
        {
            net.Network.RunFor(TimeSpan.FromMinutes(1));
            arrived += net.Exchange("data") ? 1 : 0;
            if (!BothThroughChannels(net) || net.Server.Core.AllocationCount != 2)
                Assert.Fail($"minute {minute}: {net.Server.Core.AllocationCount} allocations; {net.Explain()}");
        }

        // Four crossings of lossy links each time: 0.9 to the fourth is 0.66.
        Assert.That(arrived, Is.GreaterThan(120), net.Explain());
    }

    [TestCase(5)]
    [TestCase(20)]
    [TestCase(300)]
    [Rfc(8656, "5")]
    public void Traffic_goes_on_over_many_lifetimes_of_the_nonce(int seconds)
    {
        RelayNet net = new(301, relayOnlyA: true, relayOnlyB: true, nonceLifetime: TimeSpan.FromSeconds(seconds));
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        for (int i = 0; i < 360; i++)
        {
            net.Network.RunFor(TimeSpan.FromSeconds(20));
            Assert.That(net.Exchange("data"), Is.True, $"exchange {i}: {net.Explain()}");
        }

        Assert.Multiple(() =>
        {
            Assert.That(net.Server.Core.Counters.GetErrors(StunErrorCode.StaleNonce), Is.GreaterThan(10), "the nonce has changed under the clients");
            Assert.That(BothThroughChannels(net), Is.True);
            Assert.That(net.Server.Core.AllocationCount, Is.EqualTo(2));
        });
    }

    [Test]
    public void Nonces_that_change_between_every_request_do_not_keep_lossy_links_from_connecting([Range(1, 8)] int seed)
    {
        RelayNet net = new((ulong)(320 + seed), relayOnlyA: true, relayOnlyB: true, conditions: s_lossy, nonceLifetime: TimeSpan.FromSeconds(2), consent: false);
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        net.Network.RunFor(TimeSpan.FromMinutes(30));
        Assert.Multiple(() =>
        {
            Assert.That(BothThroughChannels(net), Is.True, net.Explain());
            Assert.That(net.Server.Core.AllocationCount, Is.EqualTo(2));
        });
    }

    [Test]
    public void Delays_of_half_a_second_each_way_do_no_harm([Range(1, 4)] int seed)
    {
        var slow = new LinkConditions { Latency = TimeSpan.FromMilliseconds(500), Jitter = TimeSpan.FromMilliseconds(200), Loss = LossModel.Random(0.05) };
        RelayNet net = new((ulong)(340 + seed), relayOnlyA: true, relayOnlyB: true, conditions: slow, consent: false);
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        net.Network.RunFor(TimeSpan.FromMinutes(45));
        Assert.That(BothThroughChannels(net), Is.True, net.Explain());
    }

    [Test]
    [Rfc(8656, "3.2")]
    public void An_agent_that_slept_for_twenty_minutes_says_why_it_failed_and_recovers_by_a_restart([Values] bool clockStood)
    {
        RelayNet net = new(401, relayOnlyA: true, relayOnlyB: true);
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        net.Network.RunFor(TimeSpan.FromSeconds(30));
        Assert.That(BothThroughChannels(net), Is.True, net.Explain());
        net.A.Suspend();
        net.Network.RunFor(TimeSpan.FromMinutes(20));
        Assert.That(net.Server.Core.AllocationCount, Is.EqualTo(1), "the sleeper's allocation has expired");
        net.A.Resume(clockStood);
        Assert.That(net.Network.RunUntil(() => net.A.State == IceConnectionState.Failed, TimeSpan.FromMinutes(12)), Is.True, net.Explain());
        Assert.That(net.A.Reason, Is.EqualTo(clockStood ? IceFailureReason.ConsentExpired : IceFailureReason.RelayLost), net.Explain());
        Assert.That(net.A.Explanation, Does.Contain("Restart ICE"));

        net.Signaling.Restart(net.A);
        Assert.That(net.Connect(), Is.True, net.Explain());
        Assert.That(net.Exchange("awake"), Is.True, net.Explain());
        Assert.That(net.Server.Core.AllocationCount, Is.EqualTo(2));
    }

    [Test]
    public void A_server_that_was_away_for_long_is_used_after_a_restart_whatever_the_gathering_timeout([Values] bool lateFromTheStart)
    {
        RelayNet net = new(402, relayOnlyA: true, relayOnlyB: true, gatheringTimeout: TimeSpan.FromSeconds(10));
        if (lateFromTheStart)
            net.Links.ForEach(static link => link.Cut());
        net.Start();
        Assert.That(net.Connect(), Is.EqualTo(!lateFromTheStart), net.Explain());
        net.Links.ForEach(static link => link.Cut());
        Assert.That(net.Network.RunUntil(() => net.A.State == IceConnectionState.Failed && net.B.State == IceConnectionState.Failed, TimeSpan.FromMinutes(12)), Is.True, net.Explain());
        net.Network.RunFor(TimeSpan.FromMinutes(15));
        Assert.That(net.Server.Core.AllocationCount, Is.Zero);
        net.Links.ForEach(static link => link.Restore());
        net.Signaling.Restart(net.A);
        Assert.That(net.Connect(), Is.True, net.Explain());
        Assert.That(net.Exchange("back"), Is.True, net.Explain());
    }

    [Test]
    public void Data_that_begins_as_STUN_does_arrives_before_and_after_there_is_a_channel([Values("\0", "\0\u0001", "\u0003 and more than the twenty bytes of a header")] string text)
    {
        RelayNet net = new(601, relayOnlyA: true, relayOnlyB: true);
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        Assert.That(BothThroughChannels(net), Is.False, "no channel is bound at once");
        Assert.That(net.Exchange(text), Is.True, net.Explain());
        net.Network.RunFor(TimeSpan.FromSeconds(10));
        Assert.That(BothThroughChannels(net), Is.True, net.Explain());
        Assert.That(net.Exchange(text), Is.True, net.Explain());
    }

    [Test]
    public void Closing_after_hours_leaves_nothing_on_the_server()
    {
        RelayNet net = new(501, conditions: s_lossy with { Loss = LossModel.None }, consent: false);
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        net.Network.RunFor(TimeSpan.FromHours(2));
        net.Close();
        net.Network.RunFor(TimeSpan.FromSeconds(5));
        AssertNothingIsLeft(net);
    }

    [Test]
    [Rfc(8656, "3.2")]
    public void Allocations_whose_deletion_was_lost_end_with_their_lifetime()
    {
        RelayNet net = new(502);
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        net.Links.ForEach(static link => link.Cut());
        net.Close();
        net.Network.RunFor(TimeSpan.FromSeconds(30));
        Assert.That(net.Server.Core.AllocationCount, Is.EqualTo(2), "the goodbyes were lost");
        net.Network.RunFor(TimeSpan.FromMinutes(11));
        AssertNothingIsLeft(net);
    }

    [Test]
    public void Closing_while_the_nonce_has_just_changed_leaves_nothing_after_the_lifetime()
    {
        RelayNet net = new(503, nonceLifetime: TimeSpan.FromSeconds(1));
        net.Start();
        Assert.That(net.Connect(), Is.True, net.Explain());
        net.Network.RunFor(TimeSpan.FromSeconds(30));
        net.Close();
        net.Network.RunFor(TimeSpan.FromMinutes(11));
        AssertNothingIsLeft(net);
    }

    private static bool BothThroughChannels(RelayNet net) => RelayNet.SendsThroughChannel(net.A) && RelayNet.SendsThroughChannel(net.B);

    private static void AssertNothingIsLeft(RelayNet net) => Assert.Multiple(() =>
    {
        Assert.That(net.Server.Core.AllocationCount, Is.Zero);
        Assert.That(net.Server.Core.RelayCount, Is.Zero);
        Assert.That(net.Server.OpenRelays, Is.Zero);
        Assert.That(net.A.Core.NextTimeout.IsNever && net.B.Core.NextTimeout.IsNever, Is.True, "no timer of a closed agent runs");
    });
}
