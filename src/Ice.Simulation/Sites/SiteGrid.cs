namespace Ice.Simulation;

/// <summary>The sites that everybody names, and every pair of them as a <see cref="Scenario"/>: public, nine NATs, a carrier's NAT, UDP blocked, TCP 443 only.</summary>
public static class SiteGrid
{
    /// <summary>A typical way to the Internet: 15 ms.</summary>
    public static LinkConditions AccessLink { get; } = new() { Latency = TimeSpan.FromMilliseconds(15) };

    /// <summary>A typical way to a server: 5 ms.</summary>
    public static LinkConditions ServerLink { get; } = new() { Latency = TimeSpan.FromMilliseconds(5) };

    /// <summary>All nine combinations of mapping and filtering, from open to strict.</summary>
    public static IReadOnlyList<NatOptions> Behaviors { get; } =
        [.. from mapping in Enum.GetValues<NatMapping>()
            from filtering in Enum.GetValues<NatFiltering>()
            select new NatOptions { Mapping = mapping, Filtering = filtering, PortAssignment = NatPortAssignment.Random }];

    /// <summary>A public address, the nine NATs, a home behind a carrier's NAT, UDP blocked, and TCP to port 443 alone.</summary>
    public static IReadOnlyList<Site> Sites { get; } =
    [
        new("public", new InterfaceScenario { Access = Access.Public, Link = AccessLink }),
        .. Behaviors.Select(Behind),
        new("CGN", Behind(new NatOptions()).Interface with { OuterNats = [CarrierNat] }),
        new("no UDP", new InterfaceScenario { Access = Access.Blocked, Link = AccessLink }),
        new("TCP 443", new InterfaceScenario { Access = Access.TcpOnly, Link = AccessLink }),
    ];

    /// <summary>A carrier's NAT as RFC 6888 asks for one: endpoint-independent mapping and filtering, and hairpinning.</summary>
    public static NatOptions CarrierNat => new()
    {
        Filtering = NatFiltering.EndpointIndependent,
        PortAssignment = NatPortAssignment.Random,
        Hairpin = NatHairpin.ExternalSource,
    };

    /// <summary>A site behind a NAT; its firewall for IPv6 filters as the NAT does.</summary>
    public static Site Behind(NatOptions nat)
    {
        ArgumentNullException.ThrowIfNull(nat);
        return new Site(nat.ShortName, new InterfaceScenario { Access = Access.Nat, Nat = nat, FirewallFiltering = nat.Filtering, Link = AccessLink });
    }

    /// <summary>Two sites with one host each, and a STUN and a TURN server that both use.</summary>
    /// <param name="offerer">The site of the agent that offers.</param>
    /// <param name="answerer">The site of the one that answers.</param>
    /// <param name="trickle">How candidates travel.</param>
    /// <param name="offererControls">Whether the offerer is controlling.</param>
    /// <param name="seed">The seed of all chance in the run.</param>
    public static Scenario Pair(Site offerer, Site answerer, TrickleMode trickle = TrickleMode.Full, bool offererControls = true, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(offerer);
        ArgumentNullException.ThrowIfNull(answerer);
        return new Scenario
        {
            Seed = seed,
            Trickle = trickle,
            SignalingDelay = TimeSpan.FromMilliseconds(50),
            GatheringTimeout = TimeSpan.FromSeconds(10),
            ServerLink = ServerLink,
            Offerer = Side(offerer, offererControls),
            Answerer = Side(answerer, !offererControls),
        };
    }

    private static SideScenario Side(Site site, bool controls) => new()
    {
        Role = controls ? IceRole.Controlling : IceRole.Controlled,
        Interfaces = [site.Interface],
        UsesTurn = true,
    };
}
