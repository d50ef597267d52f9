using System.Text.Json.Nodes;
using Ice;
using Ice.Simulation;
using NatLab.Agents;
using NatLab.Network;

namespace NatLab.Cases;

/// <summary>Topologies that a grid does not have: behind one NAT, behind layers of NATs, with UDP blocked.</summary>
internal static class PathCases
{
    public static IEnumerable<LabCase> All =>
    [
        new("cgn", "a home behind a carrier's NAT and a port-restricted one find each other", c => PairAsync(c, SiteGrid.Sites.Single(static s => s.Name == "CGN"), SiteGrid.Behind(new NatOptions()))) { Ci = true },
        new("cgn-both", "two homes behind one carrier's NAT find each other by its hairpinning", c => SharedCarrierAsync(c, NatHairpin.ExternalSource)),
        new("cgn-no-hairpin", "two homes behind one carrier's NAT that does not hairpin need the relay", c => SharedCarrierAsync(c, NatHairpin.None)),
        new("hairpin", "two hosts behind one NAT that may not talk in the LAN find each other by its hairpinning", c => HairpinAsync(c, NatHairpin.ExternalSource)),
        new("no-hairpin", "the same two need the relay where it does not hairpin", c => HairpinAsync(c, NatHairpin.None)),
        new("no-udp", "where no UDP passes, the relay is reached over TCP", c => BlockedAsync(c, "no UDP", Server.Port)) { Ci = true },
        new("tcp-443", "where TCP to port 443 alone passes, the relay is reached there", c => BlockedAsync(c, "TCP 443", Server.WebPort)),
    ];

    /// <summary>Connects two sites, and compares with the oracle.</summary>
    public static async Task<string> PairAsync(LabContext context, Site offering, Site answering)
    {
        using LabSite left = await LabSite.BuildAsync(offering, Names.Next());
        using LabSite right = await LabSite.BuildAsync(answering, Names.Next());
        return await CompareAsync(context, left.Host, right.Host, Verdict.Ask(offering, answering));
    }

    /// <summary>Connects two hosts, and compares with what the oracle says.</summary>
    public static async Task<string> CompareAsync(LabContext context, Host offering, Host answering, Reachability oracle)
    {
        Verdict verdict = await Verdict.SeekAsync(
            oracle,
            async () =>
            {
                await using var offerer = new OwnAgent(offering, IceRole.Controlling, context.Coturn.Urls);
                await using var answerer = new OwnAgent(answering, IceRole.Controlled, context.Coturn.Urls);
                return await LabCall.ConnectAsync(offerer, answerer, context.Cancellation);
            },
            context.Cancellation);
        return verdict.Judge();
    }

    private static async Task<string> SharedCarrierAsync(LabContext context, NatHairpin hairpin)
    {
        NatOptions carrier = SiteGrid.CarrierNat with { Hairpin = hairpin };
        Site home = SiteGrid.Behind(new NatOptions());
        Site site = home with { Interface = home.Interface with { OuterNats = [carrier], SharesOuterNat = true } };
        using Router router = await LabSite.BuildCarrierAsync(carrier, Names.Next());
        using LabSite left = await LabSite.BuildAsync(site, Names.Next(), router);
        using LabSite right = await LabSite.BuildAsync(site, Names.Next(), router);
        return await CompareAsync(context, left.Host, right.Host, Verdict.Ask(site, site));
    }

    // Where the hosts of one LAN are kept apart, as guests of a hotel are, what is between them is their NAT alone.
    private static async Task<string> HairpinAsync(LabContext context, NatHairpin hairpin)
    {
        // With one host between the LAN and the NAT each, the same as two homes behind a carrier without NATs of their own.
        NatOptions nat = SiteGrid.CarrierNat with { Hairpin = hairpin };
        using Router router = await LabSite.BuildCarrierAsync(nat, Names.Next());
        Host left = await router.AddHostAsync(Names.Next());
        Host right = await router.AddHostAsync(Names.Next());
        await KeepApartAsync(left, right);
        Site home = SiteGrid.Behind(new NatOptions { Filtering = NatFiltering.EndpointIndependent });
        Site site = home with { Interface = home.Interface with { OuterNats = [nat], SharesOuterNat = true } };
        return await CompareAsync(context, left, right, Verdict.Ask(site, site));
    }

    /// <summary>Has two hosts of a LAN hear nothing of each other over it, as guests of a hotel.</summary>
    public static async Task KeepApartAsync(Host left, Host right)
    {
        await DropAsync(left, right.Namespace);
        await DropAsync(right, left.Namespace);
    }

    // By the interface that sent it: a NAT that shows the internal source sends packets with the same address.
    private static Task DropAsync(Host host, NetworkNamespace other) => host.Namespace.FilterAsync($$"""
        table netdev apart {
          chain arriving { type filter hook ingress device eth0 priority 0; ether type ip ether saddr {{other.HardwareAddress("eth0")}} drop; }
        }

        """);

    private static async Task<string> BlockedAsync(LabContext context, string name, int port)
    {
        Site site = SiteGrid.Sites.Single(s => s.Name == name);
        Site other = SiteGrid.Behind(new NatOptions());
        using LabSite left = await LabSite.BuildAsync(site, Names.Next());
        using LabSite right = await LabSite.BuildAsync(other, Names.Next());
        // The program, for connections: sockets of streams have no factory.
        await using ProgramParty offerer = ProgramParty.IcePeer(context.Programs, left.Host, "controlling", new JsonObject { ["turn"] = context.Coturn.Turn("tcp", port), ["ipv6"] = false });
        await using var answerer = new OwnAgent(right.Host, IceRole.Controlled, context.Coturn.Urls);
        return new Verdict(Verdict.Ask(site, other), await LabCall.ConnectAsync(offerer, answerer, context.Cancellation), null).Judge();
    }
}
