using System.Text.Json.Nodes;
using Ice;
using Ice.Simulation;
using NatLab.Agents;
using NatLab.Network;

namespace NatLab.Cases;

/// <summary>Our agent behind every kind of NAT, and stock browsers and the agents of other people behind a usual one.</summary>
internal static class BrowserCases
{
    // Each starts a browser.
    private const int BrowsersAtATime = 2;

    private static readonly Site[] s_nine = [.. SiteGrid.Behaviors.Select(SiteGrid.Behind)];
    private static readonly Site[] s_usual = [SiteGrid.Behind(new NatOptions())];
    private static readonly Site[] s_public = [SiteGrid.Sites.Single(static s => s.Name == "public")];
    private static readonly Site[] s_three = [s_nine[0], s_nine[2], s_nine[8]];

    public static IEnumerable<LabCase> All =>
    [
        new("chromium", "our agent behind nine NATs to Chromium behind a port-restricted one", Grid("chromium", s_nine, s_usual, Chromium)) { Grid = true },
        new("chromium-public", "the same to Chromium with a public address", Grid("chromium-public", s_nine, s_public, Chromium)) { Grid = true },
        new("firefox", "our agent behind three NATs to Firefox behind a port-restricted one", Grid("firefox", s_three, s_usual, Firefox)) { Grid = true },
        new("aioice", "the same to aioice", Grid("aioice", s_three, s_usual, Peer("aioice", static p => ["/usr/bin/python3", Path.Combine(p.Peers, "aioice_peer.py")]))) { Grid = true },
        new("libnice", "the same to libnice", Grid("libnice", s_three, s_usual, Peer("libnice", static p => [Path.Combine(p.Peers, "libnice_peer")]))) { Grid = true },
        new("pion", "the same to pion", Grid("pion", s_three, s_usual, Peer("pion", static p => [Path.Combine(p.Peers, "pion_peer")]))) { Grid = true },
        new("ice-peer", "the same to ice peer", Grid("ice-peer", s_three, s_usual, static (c, h) => ProgramParty.IcePeer(c.Programs, h, "controlled", Config(c)))) { Grid = true },
    ];

    /// <summary>What a browser or another program is told of the server.</summary>
    public static JsonObject Config(LabContext context) => new() { ["stun"] = context.Coturn.Stun, ["turn"] = context.Coturn.Turn(), ["ipv6"] = false };

    /// <summary>Chromium as it comes.</summary>
    public static Party Chromium(LabContext context, Host host) => ProgramParty.Browser("chromium", context.Programs.Chromium, host, Config(context));

    private static Party Firefox(LabContext context, Host host) => ProgramParty.Browser("firefox", context.Programs.Firefox, host, Config(context));

    private static Func<LabContext, Host, Party> Peer(string name, Func<Programs, IReadOnlyList<string>> command) => (context, host) =>
    {
        JsonObject config = Config(context);
        config["role"] = "controlled";
        return new ProgramParty(name, host, command(context.Programs), config, isBrowser: false);
    };

    private static Func<LabContext, Task<string>> Grid(string name, Site[] offering, Site[] answering, Func<LabContext, Host, Party> answerer) =>
        new GridCase(name, offering, answering) { Answerer = answerer, Parallel = BrowsersAtATime }.RunAsync;
}
