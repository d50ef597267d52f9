using System.Text.Json.Nodes;

namespace PeersInterop;

/// <summary>The kinds of candidates and of addresses, each in a network in which nothing else can be selected.</summary>
internal static class PathCases
{
    private const int Datagrams = 100;

    public static IEnumerable<InteropCase> All =>
    [
        new("ipv4", "hosts with IPv4 addresses alone", c => ConnectAsync(c, Between(Hosts.A4, Hosts.B4), "of IPv4 addresses", p => !p.Local.IsIPv6 && !p.Remote.IsIPv6)),
        new("ipv6", "hosts with IPv6 addresses alone", c => ConnectAsync(c, Between(Hosts.A6, Hosts.B6), "of IPv6 addresses", p => p.Local.IsIPv6 && p.Remote.IsIPv6)) { Ci = true },
        new("host", "both sides' host candidates are selected", c => ConnectAsync(c, Between(Hosts.A, Hosts.B, server: true), "of host candidates", p => Types(p, "host", "host"))),
        new("srflx", "both behind NATs: server-reflexive candidates are selected", c => ConnectAsync(c, Between(Hosts.NatA, Hosts.NatB, server: true), "of server-reflexive candidates", p => Types(p, "srflx", "srflx"))) { Ci = true },
        new("prflx-ours", "ours behind a symmetric NAT is peer reflexive", c => ConnectAsync(c, Between(Hosts.Symmetric, Hosts.B4, server: true), "with our peer-reflexive candidate", p => Types(p, "prflx", "host"))),
        new("prflx-theirs", "the peer behind a symmetric NAT is peer reflexive", c => ConnectAsync(c, Between(Hosts.A4, Hosts.Symmetric, server: true), "with their peer-reflexive candidate", p => Types(p, "host", "prflx"))) { Ci = true },
        new("relay-ours", "ours may use its relayed candidate alone", c => ConnectAsync(c, Relayed(ours: true, theirs: false), "with our relayed candidate", p => p.Local.Type == "relay" && p.Remote.Type != "relay")),
        new("relay-theirs", "the peer may use its relayed candidate alone", c => ConnectAsync(c, Relayed(ours: false, theirs: true), "with their relayed candidate", p => p.Local.Type != "relay" && p.Remote.Type == "relay")),
        new("relay-both", "both may use relayed candidates alone", c => ConnectAsync(c, Relayed(ours: true, theirs: true), "of relayed candidates", p => Types(p, "relay", "relay"))) { Ci = true },
        new("mux-ours", "ours is behind a port that agents share, and both behind NATs", c => ConnectAsync(c, Muxed(), "of server-reflexive candidates", p => Types(p, "srflx", "srflx"))) { Ci = true },
        new("loss", "a tenth of the datagrams is lost in each direction", LossAsync),
    ];

    private static CallPlan Between(string ourHost, string theirHost, bool server = false) =>
        new() { OurHost = ourHost, TheirHost = theirHost, Ours = Config(server, relay: false), Theirs = Config(server, relay: false) };

    // aioice checks from its host addresses too, whatever its policy: the firewall leaves it no other way than the relay.
    private static CallPlan Relayed(bool ours, bool theirs) =>
        new() { OurHost = Hosts.A4, TheirHost = theirs ? Hosts.Walled : Hosts.B4, Ours = Config(server: false, ours), Theirs = Config(server: false, theirs) };

    private static CallPlan Muxed()
    {
        CallPlan plan = Between(Hosts.NatA, Hosts.NatB, server: true);
        plan.Ours["mux"] = true;
        return plan;
    }

    private static JsonObject Config(bool server, bool relay)
    {
        // Some take a server-reflexive candidate for one that a policy of relays allows.
        if (relay)
            return new JsonObject { ["turn"] = Coturn.Turn, ["policy"] = "relay" };
        return server ? new JsonObject { ["stun"] = Coturn.Stun } : [];
    }

    private static bool Types(SelectedPair pair, string local, string remote) => pair.Local.Type == local && pair.Remote.Type == remote;

    private static async Task<string?> ConnectAsync(CaseContext context, CallPlan plan, string what, Func<SelectedPair, bool> holds)
    {
        Call call = await Call.ConnectAsync(context, plan);
        await DataProof.BothWaysAsync(call);
        await call.ExpectPairAsync(what, holds);
        return null;
    }

    private static async Task<string?> LossAsync(CaseContext context)
    {
        Call call = await Call.ConnectAsync(context, Between(Hosts.LossyA, Hosts.LossyB, server: true));
        await DataProof.BothWaysAsync(call);
        if (context.Kind.FullStack)
            return null;
        await using var ours = new DataFlow(call.Ours, call.Theirs);
        await using var theirs = new DataFlow(call.Theirs, call.Ours);
        await ours.SendMoreAsync(Datagrams, context.Cancellation);
        await ours.StopAsync();
        await theirs.StopAsync();
        int sent = ours.Sent + theirs.Sent;
        int lost = ours.Lost + theirs.Lost;
        Check.That(lost > 0, $"none of {sent} datagrams was lost: the network does not lose any");
        Check.That(lost < sent / 3, $"{lost} of {sent} datagrams were lost");
        return $"{lost} of {sent} datagrams lost";
    }
}
