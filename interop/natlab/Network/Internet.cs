using PeersInterop;

namespace NatLab.Network;

/// <summary>The segment of public addresses, with the servers in it.</summary>
internal static class Internet
{
    private const string Bridge = "segment";

    public static Lan Lan { get; } = new(null, Bridge, "203.0.113", 24, "203.0.113.254");

    /// <summary>Makes the segment.</summary>
    public static async Task BuildAsync()
    {
        await Tool.RunAsync("ip", $"""
            link set lo up
            link add {Bridge} type bridge forward_delay 0 stp_state 0 mcast_snooping 0
            link set {Bridge} up

            """, "-batch", "-");
        // Not every kernel has it.
        await Tool.RunAsync("sysctl", "", "-qew", "net.bridge.bridge-nf-call-iptables=0", "net.bridge.bridge-nf-call-ip6tables=0", "net.bridge.bridge-nf-call-arptables=0");
    }

    /// <summary>A host in the segment.</summary>
    public static async Task<Host> AddHostAsync(string name, params string[] addresses)
    {
        NetworkNamespace host = await NetworkNamespace.CreateAsync(name);
        await Lan.AttachAsync(host, "eth0", addresses);
        return new Host(host, addresses[0]);
    }
}
