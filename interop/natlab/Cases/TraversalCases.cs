using System.Text.Json.Nodes;
using Ice;
using Ice.Simulation;
using NatLab.Agents;
using NatLab.Network;
using PeersInterop;

namespace NatLab.Cases;

/// <summary>Pairs of NATs that plain ICE needs a relay for, and that prediction or guessing gets through.</summary>
internal static class TraversalCases
{
    private const int Runs = 5;

    private static readonly Site s_usual = SiteGrid.Behind(new NatOptions());
    private static readonly Site s_sequential = SiteGrid.Behind(new NatOptions { Mapping = NatMapping.AddressAndPortDependent, PortAssignment = NatPortAssignment.Sequential });
    private static readonly Site s_random = SiteGrid.Behind(new NatOptions { Mapping = NatMapping.AddressAndPortDependent, PortAssignment = NatPortAssignment.Random });

    public static IEnumerable<LabCase> All =>
    [
        new("predict-own", "our agent behind a NAT with sequential ports, with prediction, to Chromium behind a port-restricted one", c => PredictAsync(c, s_sequential, s_usual, Chromium)),
        new("predict-theirs", "Chromium behind a NAT with sequential ports, to our agent behind a port-restricted one, with prediction", c => PredictAsync(c, s_usual, s_sequential, Chromium)),
        new("predict-agents", "two of our agents, one with prediction behind a NAT with sequential ports", c => PredictAsync(c, s_sequential, s_usual, Plain)) { Ci = true },
        new("guess-agents", "two of our agents that guess, one behind a NAT with random ports", c => PredictAsync(c, s_random, s_usual, Guessing)),
        new("guess-off", "the same two without guessing need the relay", c => PathCases.PairAsync(c, s_random, s_usual)),
    ];

    private static IceTraversalOptions Options => new() { GuessSockets = 256 };

    private static Party Chromium(LabContext context, Host host)
    {
        JsonObject config = BrowserCases.Config(context);
        config["stun"] = context.Coturn.BothStun;
        return ProgramParty.Browser("chromium", context.Programs.Chromium, host, config);
    }

    private static Party Plain(LabContext context, Host host) => new OwnAgent(host, IceRole.Controlled, context.Coturn.BothUrls);

    private static Party Guessing(LabContext context, Host host) => new OwnAgent(host, IceRole.Controlled, context.Coturn.BothUrls, static o => o with { Traversal = Options });

    // Behind a model NAT each side: its ports are exactly as they are said to be. The ways are as long as SiteGrid's.
    private static async Task<string> PredictAsync(LabContext context, Site offering, Site answering, Func<LabContext, Host, Party> answerer)
    {
        Check.That(Verdict.Ask(offering, answering).Direct == DirectPath.WithPrediction, $"the oracle says {Verdict.Ask(offering, answering)}: nothing to predict");
        using LabSite left = await LabSite.BuildModelAsync(offering, Names.Next());
        using LabSite right = await LabSite.BuildModelAsync(answering, Names.Next());
        var seen = new List<string>();
        int direct = 0;
        for (int i = 0; i < Runs; i++)
        {
            (LabCall call, long probes) = await ConnectAsync(context, left.Host, right.Host, answerer);
            direct += call.IsRelayed ? 0 : 1;
            seen.Add($"{call.Offerer} {call.Time.TotalSeconds:0.0} s {probes} probes");
        }

        string all = $"{direct} of {Runs} direct: {string.Join(", ", seen)}";
        // Ports are predicted, not known: what has to hold in most runs is shown by the simulator in hundreds.
        Check.That(direct * 10 >= Runs * 8, all);
        return all;
    }

    private static async Task<(LabCall Call, long Probes)> ConnectAsync(LabContext context, Host offering, Host answering, Func<LabContext, Host, Party> answerer)
    {
        await using var ours = new OwnAgent(offering, IceRole.Controlling, context.Coturn.BothUrls, static o => o with { Traversal = Options });
        await using Party theirs = answerer(context, answering);
        LabCall call = await LabCall.ConnectAsync(ours, theirs, context.Cancellation);
        return (call, ours.Agent.GetStats().ProbesSent);
    }
}
