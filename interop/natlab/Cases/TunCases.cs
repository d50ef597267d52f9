using Ice;
using Ice.Simulation;
using NatLab.Agents;
using NatLab.Network;
using PeersInterop;

namespace NatLab.Cases;

/// <summary>What the kernel's NAT cannot do exactly, and the simulator's does on a TUN device: how ports are assigned, pools, strict hairpinning, links.</summary>
internal static class TunCases
{
    private static readonly NatOptions s_symmetric = new() { Mapping = NatMapping.AddressAndPortDependent };
    private static readonly LinkConditions s_farAway = new()
    {
        Latency = TimeSpan.FromMilliseconds(40),
        Jitter = TimeSpan.FromMilliseconds(15),
        Loss = LossModel.Random(0.1),
    };

    public static IEnumerable<LabCase> All =>
    [
        new("tun-sequential", "ports in sequence for each destination, against a port-restricted NAT", c => PairAsync(c, s_symmetric with { PortAssignment = NatPortAssignment.Sequential })) { Ci = true },
        new("tun-step", "the same with steps of 3", c => PairAsync(c, s_symmetric with { PortAssignment = NatPortAssignment.Sequential, PortStep = 3 })),
        new("tun-preserving", "the internal port for each destination, where it is free", c => PairAsync(c, s_symmetric with { PortAssignment = NatPortAssignment.Preserving })),
        new("tun-parity", "random ports that are even where the internal one is", ParityAsync),
        new("tun-pool", "four external addresses, to which internal ones are paired", c => PoolAsync(c, paired: true)),
        new("tun-pool-arbitrary", "four external addresses, any of which a mapping may get", c => PoolAsync(c, paired: false)),
        new("tun-hairpin", "two homes behind one NAT that hairpins by the rules of its filtering", c => HairpinAsync(c, NatHairpin.ExternalSource)),
        new("tun-hairpin-internal", "the same where it shows the internal source", c => HairpinAsync(c, NatHairpin.InternalSource)),
        new("tun-no-hairpin", "the same where it does not hairpin", c => HairpinAsync(c, NatHairpin.None)),
        new("tun-far", "40 to 55 ms each way and a tenth of the packets lost, on both sides", FarAsync),
    ];

    private static async Task<string> PairAsync(LabContext context, NatOptions nat)
    {
        Site site = SiteGrid.Behind(nat);
        Site other = SiteGrid.Behind(new NatOptions());
        using LabSite left = await LabSite.BuildModelAsync(Unlinked(site), Names.Next());
        using LabSite right = await LabSite.BuildAsync(other, Names.Next());
        return await PathCases.CompareAsync(context, left.Host, right.Host, Verdict.Ask(site, other));
    }

    private static async Task<string> ParityAsync(LabContext context)
    {
        const int Agents = 6;
        Site site = SiteGrid.Behind(new NatOptions { PortAssignment = NatPortAssignment.Parity });
        using LabSite built = await LabSite.BuildModelAsync(Unlinked(site), Names.Next());
        var seen = new List<string>();
        for (int i = 0; i < Agents; i++)
        {
            await using var agent = new OwnAgent(built.Host, IceRole.Controlling, context.Coturn.Urls);
            Description told = await agent.OfferAsync(context.Cancellation);
            int inside = PortOf(told, "host");
            int outside = PortOf(told, "srflx");
            Check.That(((inside ^ outside) & 1) == 0, $"{inside} became {outside}");
            seen.Add($"{inside} to {outside}");
        }

        return string.Join(", ", seen);
    }

    private static async Task<string> PoolAsync(LabContext context, bool paired)
    {
        Site single = SiteGrid.Behind(new NatOptions { PairedPooling = paired, PortAssignment = NatPortAssignment.Random });
        Site site = single with { Interface = single.Interface with { PoolSize = 4 } };
        Site other = SiteGrid.Behind(new NatOptions { Filtering = NatFiltering.AddressDependent });
        using LabSite left = await LabSite.BuildModelAsync(Unlinked(site), Names.Next());
        using LabSite right = await LabSite.BuildAsync(other, Names.Next());
        var addresses = new HashSet<string>();
        for (int i = 0; i < 8; i++)
        {
            await using var agent = new OwnAgent(left.Host, IceRole.Controlling, context.Coturn.Urls);
            _ = addresses.Add(Field(await agent.OfferAsync(context.Cancellation), "srflx", 4));
        }

        Check.That(paired == (addresses.Count == 1), $"eight agents of one host were seen at {string.Join(", ", addresses)}");
        return $"{await PathCases.CompareAsync(context, left.Host, right.Host, Verdict.Ask(site, other))}; eight agents of the host at {addresses.Count} of 4 addresses";
    }

    private static async Task<string> HairpinAsync(LabContext context, NatHairpin hairpin)
    {
        NatOptions nat = new() { Hairpin = hairpin, PortAssignment = NatPortAssignment.Random };
        Site home = SiteGrid.Behind(new NatOptions());
        Site site = home with { Interface = home.Interface with { OuterNats = [nat], SharesOuterNat = true } };
        using Router carrier = await LabSite.BuildModelCarrierAsync(nat, Names.Next());
        using LabSite left = await LabSite.BuildAsync(site, Names.Next(), carrier);
        using LabSite right = await LabSite.BuildAsync(site, Names.Next(), carrier);
        return await PathCases.CompareAsync(context, left.Host, right.Host, Verdict.Ask(site, site));
    }

    private static async Task<string> FarAsync(LabContext context)
    {
        Site near = SiteGrid.Behind(new NatOptions { PortAssignment = NatPortAssignment.Random });
        Site site = near with { Interface = near.Interface with { Link = s_farAway } };
        using LabSite left = await LabSite.BuildModelAsync(site, Names.Next());
        using LabSite right = await LabSite.BuildModelAsync(site, Names.Next());
        return await PathCases.CompareAsync(context, left.Host, right.Host, Verdict.Ask(near, near));
    }

    /// <summary>The same site with no delay on its link.</summary>
    public static Site Unlinked(Site site) => site with { Interface = site.Interface with { Link = LinkConditions.Perfect } };

    private static int PortOf(Description told, string type) => int.Parse(Field(told, type, 5));

    private static string Field(Description told, string type, int number) =>
        (told.Candidates.FirstOrDefault(c => c.Contains($" typ {type}", StringComparison.Ordinal)) ?? throw new CaseFailedException($"no {type} candidate: {string.Join(" / ", told.Candidates)}")).Split(' ')[number];
}
