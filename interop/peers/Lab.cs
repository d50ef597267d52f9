using System.Text;

namespace PeersInterop;

/// <summary>
/// A small network of namespaces: one segment with public addresses, and hosts behind NATs. The namespaces belong to the namespaces of mounts and
/// processes that interop/run makes for the run: they go away with it, however it ends.
/// </summary>
internal static class Lab
{
    public const string ServerAddress = "203.0.113.10";

    /// <summary>Where this process is in the segment, once it has joined it.</summary>
    public const string HarnessAddress = "203.0.113.20";

    private const string Segment = "segment";

    // Where what has no other way goes: a next hop that swallows everything. Without a default route browsers gather no host candidates,
    // and coturn closes an allocation that is asked to send to an address it has no route to.
    private const string Nowhere4 = "203.0.113.254";
    private const string Nowhere6 = "2001:db8::fffe";
    private const string NobodysMac = "02:00:5e:00:fe:fe";

    public static async Task BuildAsync()
    {
        await Tool.RunAsync("ip", $"""
            link set lo up
            link add {Segment} type bridge forward_delay 0 stp_state 0 mcast_snooping 0
            link set {Segment} up
            """, "-batch", "-");
        // Where bridged frames pass the tables for packets, NAT rules see them twice. Not every kernel has it.
        await Tool.RunAsync("sysctl", "", "-qew", "net.bridge.bridge-nf-call-iptables=0", "net.bridge.bridge-nf-call-ip6tables=0", "net.bridge.bridge-nf-call-arptables=0");
        await AddHostAsync(Hosts.Server, 10);
        await AddHostAsync(Hosts.A, 21);
        await AddHostAsync(Hosts.B, 22);
        await AddHostAsync(Hosts.A4, 23, ipv6: false);
        await AddHostAsync(Hosts.B4, 24, ipv6: false);
        await AddHostAsync(Hosts.A6, 25, ipv4: false);
        await AddHostAsync(Hosts.B6, 26, ipv4: false);
        await AddHostAsync(Hosts.LossyA, 27);
        await AddHostAsync(Hosts.LossyB, 28);
        await AddHostAsync(Hosts.Walled, 29, ipv6: false);
        await DropAsync(Hosts.LossyA, "numgen random mod 10 < 1");
        await DropAsync(Hosts.LossyB, "numgen random mod 10 < 1");
        await DropAsync(Hosts.Walled, $"ip saddr != {ServerAddress}");
        await AddNatAsync(Hosts.NatA, 31, "");
        await AddNatAsync(Hosts.NatB, 32, "");
        await AddNatAsync(Hosts.Symmetric, 33, "fully-random");
    }

    /// <summary>Gives this process an address in the segment.</summary>
    public static Task JoinAsync() => Tool.RunAsync("ip", $"addr replace {HarnessAddress}/24 dev {Segment}\n", "-batch", "-");

    private static async Task AddHostAsync(string name, int number, bool ipv4 = true, bool ipv6 = true)
    {
        await AddNamespaceAsync(name, ipv6);
        var batch = new StringBuilder("link set eth0 up\n");
        if (ipv4)
            batch.Append($"addr add 203.0.113.{number}/24 dev eth0\n{RouteToNowhere(Nowhere4, "0.0.0.0/0")}");
        if (ipv6)
            batch.Append($"addr add 2001:db8::{number}/64 dev eth0 nodad\n{RouteToNowhere(Nowhere6, "::/0")}");
        await Tool.RunAsync("ip", $"""
            link add eth0 netns {name} type veth peer name {name}
            link set dev {name} master {Segment} up
            """, "-batch", "-");
        await Tool.RunAsync("ip", batch.ToString(), "-n", name, "-batch", "-");
    }

    // A router with an address in the segment, and one host behind it.
    private static async Task AddNatAsync(string host, int number, string ports)
    {
        string router = "r-" + host;
        await AddHostAsync(router, number, ipv6: false);
        await AddNamespaceAsync(host, ipv6: false);
        await Tool.RunAsync("ip", $"link add eth0 netns {host} type veth peer name lan netns {router}\n", "-batch", "-");
        await Tool.RunAsync("ip", "addr add 192.168.1.1/24 dev lan\nlink set lan up\n", "-n", router, "-batch", "-");
        await Tool.RunAsync("ip", "addr add 192.168.1.10/24 dev eth0\nlink set eth0 up\nroute add default via 192.168.1.1\n", "-n", host, "-batch", "-");
        await Tool.RunAsync("ip", "", "netns", "exec", router, "sysctl", "-qw", "net.ipv4.ip_forward=1");
        // The router keeps a source port while it is free, unless told otherwise: one mapping for all destinations. What comes in unasked is
        // dropped. Were it let in to the router itself, the connection tracking would keep it, and what the host then sends to where it came
        // from would leave from another port.
        await Tool.RunAsync("ip", $$"""
            table ip nat {
              chain translate { type nat hook postrouting priority srcnat; oifname eth0 snat to 203.0.113.{{number}} {{ports}}; }
              chain through { type filter hook forward priority filter; iifname eth0 ct state new drop; }
              chain arriving { type filter hook input priority filter; iifname eth0 ct state new drop; }
            }
            """, "netns", "exec", router, "nft", "-f", "-");
    }

    private static async Task AddNamespaceAsync(string name, bool ipv6)
    {
        await Tool.RunAsync("ip", "", "netns", "add", name);
        // Without duplicate address detection an address can be used at once.
        await Tool.RunAsync(
            "ip", "", "netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.all.accept_dad=0", "net.ipv6.conf.default.accept_dad=0", "net.ipv6.conf.default.accept_ra=0",
            "net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0", $"net.ipv6.conf.default.disable_ipv6={(ipv6 ? 0 : 1)}");
        await Tool.RunAsync("ip", "", "-n", name, "link", "set", "lo", "up");
    }

    private static string RouteToNowhere(string address, string everything) =>
        $"neigh replace {address} lladdr {NobodysMac} dev eth0 nud permanent\nroute add {everything} via {address}\n";

    private static Task<string> DropAsync(string host, string what) => Tool.RunAsync("ip", $$"""
        table inet drops {
          chain arriving { type filter hook input priority filter; meta l4proto udp {{what}} drop; }
        }
        """, "netns", "exec", host, "nft", "-f", "-");
}
