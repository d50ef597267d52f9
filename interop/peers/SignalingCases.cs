using System.Text.Json.Nodes;

namespace PeersInterop;

/// <summary>What the signaling carries, and when: RFC 8838, and names in place of addresses.</summary>
internal static class SignalingCases
{
    public static IEnumerable<InteropCase> All =>
    [
        new("trickle", "both sides tell each candidate as they find it", c => ConnectAsync(c, new CallPlan { Ours = WithServer(), Theirs = WithServer(), OffererTrickles = true, AnswererTrickles = true }))
        {
            Needs = [Need.Trickle],
            Ci = true,
        },
        new("half-trickle-we-offer", "ours offers with all of its candidates, the peer trickles its own", c => ConnectAsync(c, new CallPlan { Ours = WithServer(), Theirs = WithServer(), AnswererTrickles = true }))
        {
            Needs = [Need.Trickle],
        },
        new("half-trickle-they-offer", "the peer offers with all of its candidates, ours trickles its own", c => ConnectAsync(c, new CallPlan { WeOffer = false, Ours = WithServer(), Theirs = WithServer(), AnswererTrickles = true })),
        new("no-trickle", "both sides tell all of their candidates at once", c => ConnectAsync(c, new CallPlan { Ours = WithServer(), Theirs = WithServer() })),
        new("names", "the peer tells .local names, and ours resolves them", NamesAsync) { Needs = [Need.Names], Ci = true },
    ];

    // With a server there is something to trickle: its candidates come later than those of the host.
    private static JsonObject WithServer() => new() { ["stun"] = Coturn.Stun, ["turn"] = Coturn.Turn };

    private static async Task<string?> ConnectAsync(CaseContext context, CallPlan plan)
    {
        Call call = await Call.ConnectAsync(context, plan);
        await DataProof.BothWaysAsync(call);
        return null;
    }

    private static async Task<string?> NamesAsync(CaseContext context)
    {
        // Not every peer answers questions for IPv6 addresses: a pair of those would come about by its checks alone.
        var mdns = new JsonObject { ["mdns"] = true };
        Call call = await Call.ConnectAsync(context, new CallPlan { OurHost = Hosts.A4, TheirHost = Hosts.B4, Ours = mdns, Theirs = mdns });
        await DataProof.BothWaysAsync(call);
        string[] hosts = [.. call.Theirs.Lines().Where(l => l.Event == "candidate").Select(l => PairEnd.Parse(l.Text("candidate"))).Where(c => c.Type == "host").Select(c => c.Address)];
        Check.That(hosts.Length > 0 && hosts.All(h => h.EndsWith(".local", StringComparison.Ordinal)), $"the peer was to tell names alone: {string.Join(", ", hosts)}");
        // The peer's own checks may be there before its name is resolved: then the pair is one with a peer-reflexive candidate, which becomes the
        // host candidate as soon as the address behind the name is known.
        await call.ExpectPairAsync("with a host candidate that was resolved", p => p.Remote.Type == "host");
        return null;
    }
}
