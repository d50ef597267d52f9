using System.Text.Json.Nodes;
using Ice.Simulation;
using NatLab.Agents;
using NatLab.Network;
using PeersInterop;

namespace NatLab.Cases;

/// <summary><c>ice nat</c> behind each of the nine NATs: it says what they are.</summary>
internal static class NameCases
{
    private const int LifetimeSeconds = 4;

    public static IEnumerable<LabCase> All =>
    [
        new("nat-coturn", "ice nat names each of the nine NATs with coturn's two addresses", c => NameNineAsync(c, c.Coturn)) { Grid = true },
        new("nat-serve", "ice nat names each of the nine NATs with our own server's", NameWithOwnServerAsync) { Grid = true },
        new("nat-one", "ice nat names a port-restricted cone NAT that hairpins, and how long its mappings live", NameOneAsync),
    ];

    private static async Task<string> NameWithOwnServerAsync(LabContext context)
    {
        using Server own = await Server.StartOwnAsync(context.Programs, context.Cancellation);
        return await NameNineAsync(context, own);
    }

    private static async Task<string> NameNineAsync(LabContext context, Server server)
    {
        // The program mostly waits for answers that do not come.
        var options = new ParallelOptions { MaxDegreeOfParallelism = SiteGrid.Behaviors.Count, CancellationToken = context.Cancellation };
        await Parallel.ForAsync(0, SiteGrid.Behaviors.Count, options, async (i, _) =>
        {
            // Every other one keeps ports where the kernel can.
            NatOptions nat = SiteGrid.Behaviors[i];
            if (nat.Mapping == NatMapping.EndpointIndependent)
                nat = nat with { PortAssignment = NatPortAssignment.Preserving };
            using LabSite site = await LabSite.BuildAsync(SiteGrid.Behind(nat), Names.Next());
            JsonNode found = await AskAsync(context, site.Host, server);
            string said = $"{found["mapping"]} mapping, {found["filtering"]} filtering, ports {(Is(found, "portPreservation") ? "preserved" : "not preserved")}";
            string expected = $"{Words(nat.Mapping.ToString())} mapping, {Words(nat.Filtering.ToString())} filtering, ports {(nat.PortAssignment == NatPortAssignment.Preserving ? "preserved" : "not preserved")}";
            context.Report.AddCase($"nat {nat.ShortName} by {server.Name}", said == expected, TimeSpan.Zero, said == expected ? said : $"{said} instead of {expected}: {found.ToJsonString()}");
        });
        return "named";
    }

    private static async Task<string> NameOneAsync(LabContext context)
    {
        NatOptions nat = new() { Hairpin = NatHairpin.ExternalSource, Lifetime = TimeSpan.FromSeconds(LifetimeSeconds) };
        using LabSite site = await LabSite.BuildAsync(SiteGrid.Behind(nat), Names.Next());
        JsonNode found = await AskAsync(context, site.Host, context.Coturn, "--lifetime", "60");
        Check.That(Is(found, "hairpinning"), $"no hairpinning: {found.ToJsonString()}");
        double atLeast = (double?)found["lifetimeSeconds"] ?? double.NaN;
        double lessThan = (double?)found["lifetimeLessThanSeconds"] ?? double.NaN;
        // Its clock and the kernel's are not the same, and a probe takes a while.
        Check.That(atLeast <= LifetimeSeconds + 1 && lessThan >= LifetimeSeconds && lessThan < 4 * LifetimeSeconds, $"mappings of {LifetimeSeconds} s are said to live {atLeast} to {lessThan} s");
        return $"hairpinning; mappings of {LifetimeSeconds} s live {atLeast} to {lessThan} s";
    }

    private static async Task<JsonNode> AskAsync(LabContext context, Host host, Server server, params string[] more)
    {
        string output = await Tool.RunAsync("ip", "", ["netns", "exec", host.Name, "dotnet", context.Programs.Ice, "nat", "--server", $"stun:{server.Host.Address}:{Server.Port}", "--json", .. more]);
        return JsonNode.Parse(output.Trim().Split('\n')[^1])!;
    }

    private static bool Is(JsonNode found, string field) => found[field] is { } value && (bool)value;

    // AddressAndPortDependent as RFC 4787 writes it: address-and-port-dependent.
    private static string Words(string name) => string.Concat(name.Select(static (c, i) => char.IsUpper(c) && i > 0 ? $"-{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));
}
