using Ice.Core;
using Stun;

namespace Ice.Simulation;

/// <summary>How the oracle comes to its time limit: from Ta, the retransmission timeout and the round-trip time. Immutable.</summary>
/// <remarks>
/// <list type="bullet">
/// <item>Gathering takes Ta for each request to a server, three round trips to it at most (a TURN server refuses the first request), and one more
/// for a TCP connection. Without trickling both sides wait for it, one after the other, and for servers that do not answer; with trickling for one.</item>
/// <item>Signaling takes its delay twice: offer and answer, or offer and the last candidate.</item>
/// <item>Each check takes Ta, and so does each permission that a relay needs (RFC 8445 §14.2).</item>
/// <item>A check that came too early is repeated after RTO, then after twice that, and so on: RTO is Ta for each pair, 500 ms at least (RFC 8445
/// §14.3). A path that n rounds of checks find is found by the n-th repetition of all: after (2^n - 1) RTO.</item>
/// <item>Then the controlling side waits for better pairs for half a second at most, a second where it has only a relay so far, and nominates: two round trips.</item>
/// <item>An agent that predicts or guesses ports nominates no relay before its <see cref="IceTraversalOptions.Duration"/> is over, where a NAT maps each destination anew.</item>
/// </list>
/// </remarks>
public sealed record OracleTiming
{
    /// <summary>How candidates travel.</summary>
    public TrickleMode Trickle { get; init; }

    /// <summary>How long a signaling message is on its way.</summary>
    public TimeSpan SignalingDelay { get; init; }

    /// <summary>Whether all servers that the agents ask answer.</summary>
    public bool ServersAnswer { get; init; } = true;

    /// <summary>How long an agent waits for a server that does not answer, when it does not trickle.</summary>
    public TimeSpan GatheringTimeout { get; init; } = RetransmissionSchedule.Default.TimeoutOffset;

    internal TimeSpan Limit(OracleSide left, OracleSide right, int rounds, bool relayed)
    {
        TimeSpan ta = Max(left.Agent.Options.Core.Pacing, right.Agent.Options.Core.Pacing);
        TimeSpan there = Delay(left) + Delay(right);
        TimeSpan roundTrip = there * 2;
        TimeSpan mine = Gathering(left, ta);
        TimeSpan theirs = Gathering(right, ta);
        TimeSpan gathering = Trickle == TrickleMode.Full ? Max(mine, theirs) : mine + theirs;
        int pairs = Math.Min(left.Agent.Options.Core.MaxPairs, Math.Max(Pairs(left, right), Pairs(right, left)));
        int permissions = Math.Max(Permissions(left, right), Permissions(right, left));
        TimeSpan rto = Max(IceDefaults.MinimumRto, ta * pairs);
        TimeSpan repetitions = rto * ((1 << rounds) - 1);
        TimeSpan slack = left.Agent.Options.TimerSlack + right.Agent.Options.TimerSlack;
        return gathering + (SignalingDelay * 2) + (ta * (pairs + permissions)) + repetitions
            + (relayed ? Probing(left, right) : TimeSpan.Zero) + (roundTrip * (relayed ? 6 : 3)) + (relayed ? IceDefaults.RelayedNominationPatience : IceDefaults.NominationPatience) + (slack * (pairs + 10));
    }

    private static TimeSpan Probing(OracleSide left, OracleSide right)
    {
        if (left.DependentNats.Count + right.DependentNats.Count == 0)
            return TimeSpan.Zero;
        return Max(left.Agent.Options.Core.Traversal?.Duration ?? TimeSpan.Zero, right.Agent.Options.Core.Traversal?.Duration ?? TimeSpan.Zero);
    }

    private TimeSpan Gathering(OracleSide side, TimeSpan ta)
    {
        SimAgentOptions options = side.Agent.Options;
        int hosts = side.Bases.Count(static at => !at.IsRelay);
        TimeSpan requests = ta * (hosts * (options.Servers.Count + (3 * options.Relays.Count)));
        bool waits = Trickle != TrickleMode.Full && !EveryServerAnswers(side);
        return requests + (Delay(side) * 8) + (waits ? GatheringTimeout + ta : TimeSpan.Zero);
    }

    // A base whose packets do not reach a server shows in the candidates: there are fewer than there could be.
    private bool EveryServerAnswers(OracleSide side)
    {
        if (!ServersAnswer)
            return false;
        foreach (SimInterface nic in side.Agent.Interfaces)
        {
            foreach (TransportAddress address in nic.Addresses)
            {
                for (Gateway? gateway = nic.Realm.GetGateway(address.IsIPv6); gateway is not null; gateway = gateway.Outside.Realm.GetGateway(address.IsIPv6))
                    if (!gateway.LetsOut(SimProtocol.Udp, ushort.MaxValue))
                        return false;
            }
        }

        return true;
    }

    private static int Pairs(OracleSide side, OracleSide other) =>
        side.Bases.Sum(mine => other.Candidates.Count(remote => remote.Ip.SameFamily(mine.Ip)) + mine.Triggered.Count + (mine.Ip.IsIPv4 ? other.PredictedCandidates : 0));

    private static int Permissions(OracleSide side, OracleSide other) =>
        side.Bases.Count(static at => at.IsRelay) * other.Candidates.Select(static remote => remote.Address).Distinct().Count();

    /// <summary>The longest way from one of the side's interfaces to the outside.</summary>
    private static TimeSpan Delay(OracleSide side)
    {
        TimeSpan longest = TimeSpan.Zero;
        foreach (SimInterface nic in side.Agent.Interfaces)
        {
            foreach (bool ipv6 in new[] { false, true })
            {
                TimeSpan delay = Delay(nic.Link);
                for (Gateway? gateway = nic.Realm.GetGateway(ipv6); gateway is not null; gateway = gateway.Outside.Realm.GetGateway(ipv6))
                    delay += Delay(gateway.Outside.Link);
                longest = Max(longest, delay);
            }
        }

        return longest;
    }

    private static TimeSpan Delay(Link link) => Max(link.Up.Conditions.Latency + link.Up.Conditions.Jitter, link.Down.Conditions.Latency + link.Down.Conditions.Jitter);

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
