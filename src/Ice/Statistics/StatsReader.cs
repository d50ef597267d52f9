using System.Collections.Immutable;
using Ice.Core;

namespace Ice;

/// <summary>Collects an agent's counters. Runs inside a scope of the driver.</summary>
internal static class StatsReader
{
    public static IceStats Read(AgentDriver driver, IReadOnlyList<IceComponent> components, long selectedPairChanges)
    {
        IceCore core = driver.Core;
        AgentTotals totals = ReadTotals(driver, components);
        return new IceStats
        {
            IceState = core.State,
            IceRole = core.Role,
            IceLocalUsernameFragment = core.LocalParameters.UsernameFragment,
            SelectedCandidatePairId = core.GetSelectedPair(components[0].Id)?.Id,
            SelectedCandidatePairChanges = selectedPairChanges,
            CandidatePairs = [.. core.GetPairs().Select(pair => ReadPair(pair, components))],
            PacketsSent = totals.Traffic.PacketsSent,
            PacketsReceived = totals.Traffic.PacketsReceived,
            BytesSent = totals.Traffic.BytesSent,
            BytesReceived = totals.Traffic.BytesReceived,
            StunPacketsSent = driver.StunSent,
            StunPacketsReceived = driver.TransportCounts.StunReceived,
            StunPacketsDiscardedOnSend = driver.StunDiscarded,
            ProbesSent = core.ProbesSent,
            ReceiveBufferOverflows = totals.Overflows,
            UnacceptedDatagrams = totals.Unaccepted,
            OversizedDatagrams = totals.Oversized,
            ReceiveErrors = driver.TransportCounts.ReceiveErrors,
            StunDrops = ReadDrops(core),
        };
    }

    public static AgentTotals ReadTotals(AgentDriver driver, IReadOnlyList<IceComponent> components) => new(
        components.Aggregate(default(TrafficTotals), static (sum, component) => sum + component.GetTotals()),
        driver.ChecksSent,
        driver.TransportCounts.Unaccepted,
        driver.TransportCounts.Oversized,
        components.Sum(static component => component.Overflows));

    private static ImmutableDictionary<DropReason, long> ReadDrops(IceCore core) => Enum.GetValues<DropReason>()
        .Select(reason => KeyValuePair.Create(reason, core.GetDropCount(reason)))
        .Where(static drop => drop.Value > 0)
        .ToImmutableDictionary();

    private static IceCandidatePairStats ReadPair(CandidatePairInfo pair, IReadOnlyList<IceComponent> components)
    {
        PathTraffic? traffic = components.First(component => component.Id == pair.Component).FindTraffic(pair.Path);
        return new IceCandidatePairStats
        {
            Id = pair.Id,
            Component = pair.Component,
            LocalCandidate = pair.Local,
            RemoteCandidate = pair.Remote,
            State = pair.State,
            Priority = pair.Priority,
            Nominated = pair.Nominated,
            Selected = pair.Selected,
            PacketsSent = traffic?.PacketsSent ?? 0,
            PacketsReceived = traffic?.PacketsReceived ?? 0,
            BytesSent = traffic?.BytesSent ?? 0,
            BytesReceived = traffic?.BytesReceived ?? 0,
            PacketsDiscardedOnSend = traffic?.PacketsDiscarded ?? 0,
            BytesDiscardedOnSend = traffic?.BytesDiscarded ?? 0,
            TotalRoundTripTime = pair.TotalRoundTripTime,
            CurrentRoundTripTime = pair.RoundTripTime,
            RequestsSent = pair.RequestsSent,
            Retransmissions = pair.Retransmissions,
            RequestsReceived = pair.RequestsReceived,
            ResponsesSent = pair.ResponsesSent,
            ResponsesReceived = pair.ResponsesReceived,
            ConsentRequestsSent = pair.ConsentRequestsSent,
            FailureReason = pair.FailureReason,
        };
    }
}
