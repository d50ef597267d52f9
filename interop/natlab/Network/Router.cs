using Ice.Simulation;

namespace NatLab.Network;

/// <summary>A router between two networks, with a network inside that hosts can be attached to.</summary>
internal sealed class Router : IDisposable
{
    private readonly NetworkNamespace _namespace;

    private Router(NetworkNamespace router, Lan lan, IReadOnlyList<string> external, TunNat? model)
    {
        _namespace = router;
        Lan = lan;
        External = external;
        Model = model;
    }

    /// <summary>The network inside.</summary>
    public Lan Lan { get; }

    /// <summary>Its external addresses.</summary>
    public IReadOnlyList<string> External { get; }

    /// <summary>The simulator's NAT that it translates with; null where the kernel does.</summary>
    public TunNat? Model { get; }

    /// <summary>A router whose NAT is the kernel's.</summary>
    /// <param name="name">The name of its namespace.</param>
    /// <param name="outside">The network that it is attached to.</param>
    /// <param name="address">Its address there.</param>
    /// <param name="inside">The first bytes of the addresses inside, and how many bits they share.</param>
    /// <param name="nat">The behavior.</param>
    /// <param name="firewall">What it lets through.</param>
    public static async Task<Router> KernelAsync(string name, Lan outside, string address, (string Prefix, int Length) inside, NatOptions nat, FirewallRules firewall)
    {
        (NetworkNamespace router, Lan lan) = await AttachAsync(name, outside, address, inside);
        var made = new Router(router, lan, [address], null);
        await made.ApplyAsync(nat, firewall);
        return made;
    }

    /// <summary>A router whose NAT is the simulator's, on a TUN device.</summary>
    public static async Task<Router> ModelAsync(string name, Lan outside, IReadOnlyList<string> external, (string Prefix, int Length) inside, NatOptions nat, LinkConditions uplink)
    {
        (NetworkNamespace router, Lan lan) = await AttachAsync(name, outside, Internet.Lan.TakeAddress(), inside);
        var model = TunNat.Open(router, "nat0", nat, uplink, external, inside.Prefix);
        // What comes from inside goes to the device, wherever it is going; from outside, what is for the external addresses. They are no addresses
        // of this host: it only answers for them.
        await router.ConfigureAsync($"""
            link set nat0 up
            rule add iif lan table 100
            route add default dev nat0 table 100
            {string.Join('\n', external.Select(e => $"route add {e} dev nat0\nneigh add proxy {e} dev wan"))}
            """);
        // Or it would let those who ask wait for some time, as a proxy should that is not the only one to answer.
        router.Set("ipv4/neigh/wan/proxy_delay", "0");
        return new Router(router, lan, external, model);
    }

    /// <summary>Gives the kernel's NAT a behavior; what it knew is forgotten.</summary>
    public async Task ApplyAsync(NatOptions nat, FirewallRules firewall)
    {
        string seconds = $"{(int)nat.Lifetime.TotalSeconds}";
        await _namespace.FilterAsync("table ip nat\ndelete table ip nat\n" + KernelRules.Write(nat, External[0], firewall));
        _namespace.Set("netfilter/nf_conntrack_udp_timeout", seconds);
        _namespace.Set("netfilter/nf_conntrack_udp_timeout_stream", seconds);
    }

    /// <summary>Attaches a host.</summary>
    public async Task<Host> AddHostAsync(string name)
    {
        NetworkNamespace host = await NetworkNamespace.CreateAsync(name);
        string address = Lan.TakeAddress();
        await Lan.AttachAsync(host, "eth0", address);
        return new Host(host, address);
    }

    public void Dispose() => Model?.Dispose();

    private static async Task<(NetworkNamespace Router, Lan Lan)> AttachAsync(string name, Lan outside, string address, (string Prefix, int Length) inside)
    {
        NetworkNamespace router = await NetworkNamespace.CreateAsync(name);
        await outside.AttachAsync(router, "wan", address);
        string gateway = $"{inside.Prefix}.1";
        await router.ConfigureAsync($"""
            link add lan type bridge forward_delay 0 stp_state 0 mcast_snooping 0
            addr add {gateway}/{inside.Length} dev lan
            link set lan up
            """);
        router.Set("ipv4/ip_forward", "1");
        return (router, new Lan(router, "lan", inside.Prefix, inside.Length, gateway));
    }
}
