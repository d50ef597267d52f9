using Ice;
using Ice.Simulation;
using NatLab.Agents;
using NatLab.Network;
using PeersInterop;

namespace NatLab.Cases;

/// <summary>What happens to a pair that is connected: mappings that live shortly, a NAT that reboots, a cable that is pulled.</summary>
internal static class LifeCases
{
    // RFC 7675 §5.1: 30 s without an answer, and then some.
    private static readonly TimeSpan s_consentLimit = TimeSpan.FromSeconds(50);
    private static readonly TimeSpan s_noticing = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(40);
    private static readonly TimeSpan s_dataInterval = TimeSpan.FromMilliseconds(500);
    private static readonly NatOptions s_nat = new() { PortAssignment = NatPortAssignment.Random };

    public static IEnumerable<LabCase> All =>
    [
        new("lifetime", "mappings of 10 s: 40 s of silence, kept alive by consent checks alone", c => SilenceAsync(c, TimeSpan.FromSeconds(10))),
        new("lifetime-data", "mappings of 2 s: 40 s with a datagram each half second", FlowAsync),
        new("reboot", "a NAT that forgets its mappings and takes other ports: the agents say so, and a restart finds a new path", c => RebootAsync(c, s_nat)),
        new("reboot-keeps-ports", "a NAT that forgets its mappings and takes the same ports again: the next consent check opens the way", RebootKeepingPortsAsync),
        new("cut", "a way that is cut for good: both agents fail with a reason", CutAsync),
        new("roam", "a host that moves to another network: its agent says so at once, and a restart finds a path from there", RoamAsync) { Ci = true },
    ];

    private static async Task<string> SilenceAsync(LabContext context, TimeSpan lifetime)
    {
        Site site = SiteGrid.Behind(s_nat with { Lifetime = lifetime });
        using LabSite left = await LabSite.BuildAsync(site, Names.Next());
        using LabSite right = await LabSite.BuildAsync(site, Names.Next());
        await using OwnCall call = await OwnCall.ConnectAsync(context, left.Host, right.Host);
        await call.ExpectConnectedForAsync(s_silence);
        await call.ExchangeDataAsync();
        return $"connected and carrying data after {s_silence.TotalSeconds:0} s of silence";
    }

    private static async Task<string> FlowAsync(LabContext context)
    {
        Site site = SiteGrid.Behind(s_nat with { Lifetime = TimeSpan.FromSeconds(2) });
        using LabSite left = await LabSite.BuildAsync(site, Names.Next());
        using LabSite right = await LabSite.BuildAsync(site, Names.Next());
        await using OwnCall call = await OwnCall.ConnectAsync(context, left.Host, right.Host);
        long before = call.Right.Agent.GetStats().PacketsReceived;
        using var timer = new PeriodicTimer(s_dataInterval);
        int sent = 0;
        for (TimeSpan passed = TimeSpan.Zero; passed < s_silence && await timer.WaitForNextTickAsync(context.Cancellation); passed += s_dataInterval)
        {
            sent += call.Left.Agent.TrySend([1]) ? 1 : 0;
            _ = call.Right.Agent.TrySend([1]);
        }

        await call.ExchangeDataAsync();
        long received = call.Right.Agent.GetStats().PacketsReceived - before;
        Check.That(received >= sent, $"{received} of {sent} datagrams arrived: {call.Left.History} / {call.Right.History}");
        return $"all of {sent} datagrams arrived";
    }

    private static async Task<string> RebootAsync(LabContext context, NatOptions nat)
    {
        using LabSite left = await LabSite.BuildModelAsync(TunCases.Unlinked(SiteGrid.Behind(nat)), Names.Next());
        using LabSite right = await LabSite.BuildAsync(SiteGrid.Behind(nat), Names.Next());
        await using OwnCall call = await OwnCall.ConnectAsync(context, left.Host, right.Host);
        left.Router.Model!.Reboot();
        await Task.WhenAll(call.Left.WaitForStateAsync(s_consentLimit, context.Cancellation, IceConnectionState.Failed), call.Right.WaitForStateAsync(s_consentLimit, context.Cancellation, IceConnectionState.Failed));
        string why = call.Left.History;
        TimeSpan time = await call.RestartAsync();
        return $"{why}; restarted and connected within {time.TotalSeconds:0.0} s";
    }

    private static async Task<string> RebootKeepingPortsAsync(LabContext context)
    {
        NatOptions nat = new();
        using LabSite left = await LabSite.BuildModelAsync(TunCases.Unlinked(SiteGrid.Behind(nat)), Names.Next());
        using LabSite right = await LabSite.BuildAsync(SiteGrid.Behind(nat), Names.Next());
        await using OwnCall call = await OwnCall.ConnectAsync(context, left.Host, right.Host);
        left.Router.Model!.Reboot();
        await call.ExpectConnectedForAsync(s_silence);
        await call.ExchangeDataAsync();
        return $"connected all the time, and carrying data after {s_silence.TotalSeconds:0} s";
    }

    private static async Task<string> RoamAsync(LabContext context)
    {
        using LabSite left = await LabSite.BuildAsync(SiteGrid.Behind(s_nat), Names.Next());
        using LabSite right = await LabSite.BuildAsync(SiteGrid.Behind(s_nat), Names.Next());
        using LabSite elsewhere = await LabSite.BuildAsync(SiteGrid.Behind(s_nat), Names.Next());
        await using OwnCall call = await OwnCall.ConnectAsync(context, left.Host, right.Host);
        string address = elsewhere.Router.Lan.TakeAddress();
        await left.Host.Namespace.ConfigureAsync("link delete eth0");
        await elsewhere.Router.Lan.AttachAsync(left.Host.Namespace, "wlan0", address);
        // The system would tell a process of the host; this one is elsewhere.
        Check.That(call.Left.Agent.RefreshInterfaces(), "the agent saw no change of its addresses");
        await call.Left.WaitForStateAsync(s_noticing, context.Cancellation, IceConnectionState.Failed);
        string why = call.Left.History;
        TimeSpan time = await call.RestartAsync();
        Check.That(call.Left.Agent.LocalCandidates.Any(candidate => $"{candidate.EndPoint}".StartsWith(address + ":", StringComparison.Ordinal)), $"no candidate of {address}");
        return $"{why}; from {address}, a restart connects within {time.TotalSeconds:0.0} s";
    }

    private static async Task<string> CutAsync(LabContext context)
    {
        using LabSite left = await LabSite.BuildModelAsync(TunCases.Unlinked(SiteGrid.Behind(s_nat)), Names.Next());
        using LabSite right = await LabSite.BuildAsync(SiteGrid.Behind(s_nat), Names.Next());
        await using OwnCall call = await OwnCall.ConnectAsync(context, left.Host, right.Host);
        left.Router.Model!.SetCut(true);
        await Task.WhenAll(call.Left.WaitForStateAsync(s_consentLimit, context.Cancellation, IceConnectionState.Failed), call.Right.WaitForStateAsync(s_consentLimit, context.Cancellation, IceConnectionState.Failed));
        string why = call.Left.History;
        left.Router.Model.SetCut(false);
        TimeSpan time = await call.RestartAsync();
        return $"{why}; joined again, a restart connects within {time.TotalSeconds:0.0} s";
    }
}
