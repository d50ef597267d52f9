using Ice.Simulation;

namespace NatLab.Network;

/// <summary>One of the simulator's sites, built for real: a host, and what is between it and the Internet.</summary>
internal sealed class LabSite : IDisposable
{
    // Most home networks have the same addresses: both sides' hosts have, too.
    private static readonly (string, int) s_home = ("192.168.1", 24);
    private static readonly (string, int) s_carrier = ("100.64.0", 10);

    private readonly List<Router> _routers;

    private LabSite(Site site, Host host, List<Router> routers)
    {
        Site = site;
        Host = host;
        _routers = routers;
    }

    /// <summary>What it is.</summary>
    public Site Site { get; }

    /// <summary>The host.</summary>
    public Host Host { get; }

    /// <summary>The router next to the host; throws where there is none.</summary>
    public Router Router => _routers[^1];

    /// <summary>Builds a site.</summary>
    /// <param name="site">What to build. Its link is not: packets take as long as they take.</param>
    /// <param name="name">The name of the host's namespace, and how those of the routers begin.</param>
    /// <param name="carrier">A carrier's NAT that is there already; null where the site has its own or none.</param>
    public static async Task<LabSite> BuildAsync(Site site, string name, Router? carrier = null)
    {
        InterfaceScenario plan = site.Interface;
        if (plan.Access == Access.Public)
            return new LabSite(site, await Internet.AddHostAsync(name, Internet.Lan.TakeAddress()), []);
        var routers = new List<Router>();
        Lan outside = carrier?.Lan ?? Internet.Lan;
        if (carrier is null && plan.OuterNats is [var outer])
        {
            routers.Add(await BuildCarrierAsync(outer, name + "c"));
            outside = routers[0].Lan;
        }

        routers.Add(await Router.KernelAsync(name + "r", outside, outside.TakeAddress(), s_home, plan.Nat, Firewall(plan)));
        return new LabSite(site, await routers[^1].AddHostAsync(name), routers);
    }

    /// <summary>Builds a site whose NAT is the simulator's, on a TUN device, with the conditions of the link that the site names.</summary>
    public static async Task<LabSite> BuildModelAsync(Site site, string name)
    {
        InterfaceScenario plan = site.Interface;
        string[] external = [.. Enumerable.Range(0, plan.PoolSize).Select(static _ => Internet.Lan.TakeAddress())];
        var routers = new List<Router>();
        routers.Add(await Router.ModelAsync(name + "r", Internet.Lan, external, s_home, plan.Nat, plan.Link));
        return new LabSite(site, await routers[0].AddHostAsync(name), routers);
    }

    /// <summary>Builds a carrier's NAT.</summary>
    public static Task<Router> BuildCarrierAsync(NatOptions nat, string name) =>
        Router.KernelAsync(name, Internet.Lan, Internet.Lan.TakeAddress(), s_carrier, nat, FirewallRules.None);

    /// <summary>Builds a carrier's NAT that is the simulator's.</summary>
    public static Task<Router> BuildModelCarrierAsync(NatOptions nat, string name) =>
        Router.ModelAsync(name, Internet.Lan, [Internet.Lan.TakeAddress()], s_carrier, nat, LinkConditions.Perfect);

    public void Dispose() => _routers.ForEach(static r => r.Dispose());

    private static FirewallRules Firewall(InterfaceScenario plan) => plan.Access switch
    {
        Access.Blocked => new FirewallRules { BlocksUdp = true },
        Access.TcpOnly => new FirewallRules { BlocksUdp = true, TcpPorts = [443] },
        _ => FirewallRules.None,
    };
}
