using Ice.Simulation;

namespace NatLab.Network;

/// <summary>Writes the rules of nftables that make the kernel a NAT of a given behavior (RFC 4787).</summary>
/// <remarks>
/// The kernel's own connection tracking is address and port-dependent in its filtering, and in its mapping where ports are given at random. All
/// that is more open is done by maps that the packets out fill: which port an internal endpoint has got, and which internal endpoint a port leads
/// to. What comes in through a mapping that would not be used for the answer is rewritten without being tracked as a connection of that NAT, so
/// that the answer is translated as any packet out.
/// </remarks>
internal static class KernelRules
{
    /// <summary>Writes the rules of a router with the interfaces wan and lan.</summary>
    /// <param name="nat">The behavior; null for a router that translates nothing.</param>
    /// <param name="external">Its address outside.</param>
    /// <param name="firewall">What it lets out.</param>
    public static string Write(NatOptions nat, string external, FirewallRules firewall)
    {
        if (nat.PortAssignment is NatPortAssignment.Sequential or NatPortAssignment.Parity || (nat.PortAssignment == NatPortAssignment.Preserving && nat.Mapping != NatMapping.EndpointIndependent))
            throw new NotSupportedException($"the kernel does not assign ports of {nat.ShortName} as {nat.PortAssignment}: use the NAT on a TUN device");
        if (nat.Hairpin == NatHairpin.InternalSource)
            throw new NotSupportedException("the kernel's NAT would send the answer past itself: use the NAT on a TUN device");
        string timeout = $"flags dynamic,timeout; timeout {(int)nat.Lifetime.TotalSeconds}s; size 65535;";
        return $$"""
            table ip nat {
              map ports { type {{KeyType(nat)}} : inet_service; {{timeout}} }
              map inside { type inet_proto . inet_service : ipv4_addr . inet_service; {{timeout}} }
              map inside_for { type inet_proto . inet_service . ipv4_addr : ipv4_addr . inet_service; {{timeout}} }
              map inside_address { type inet_service : ipv4_addr; {{timeout}} }
              map inside_port { type inet_service : inet_service; {{timeout}} }
              set allowed { type inet_service . ipv4_addr; {{timeout}} }

              chain rewrite { type filter hook prerouting priority mangle;
                {{Rewrite(nat, external)}}
              }
              chain enter { type nat hook prerouting priority dstnat;
                {{Enter(nat, external)}}
              }
              chain leave { type nat hook postrouting priority srcnat;
                {{Leave(nat, external, "oifname wan")}}
                {{(nat.Hairpin == NatHairpin.None ? "" : Leave(nat, external, "oifname lan meta mark 2"))}}
              }
              chain learn { type filter hook postrouting priority srcnat + 10;
                ct direction original ip saddr {{external}} jump remember
              }
              chain remember {
                {{Remember(nat)}}
                meta l4proto { tcp, udp } update @inside { meta l4proto . th sport : ct original ip saddr . ct original proto-src }
                meta l4proto { tcp, udp } update @inside_for { meta l4proto . th sport . ct original ip daddr : ct original ip saddr . ct original proto-src }
                meta l4proto { tcp, udp } update @inside_address { th sport : ct original ip saddr }
                meta l4proto { tcp, udp } update @inside_port { th sport : ct original proto-src }
                meta l4proto { tcp, udp } update @allowed { th sport . ct original ip daddr }
              }
              chain through { type filter hook forward priority filter;
                {{Through(firewall)}}
                iifname wan meta mark 1 accept
                iifname wan ct status dnat accept
                iifname wan ct state new drop
              }
              # Were a packet that comes before ours has gone out let in to the router itself, the connection tracking would keep it, and ours would
              # leave from another port; and an ICMP message would tell the other side.
              chain arriving { type filter hook input priority filter; iifname wan ct state new drop; }
            }

            """;
    }

    private static string KeyType(NatOptions nat) => nat.Mapping == NatMapping.AddressDependent ? "ipv4_addr . inet_service . ipv4_addr" : "ipv4_addr . inet_service";

    // RFC 4787 §4.1. The first packet gets a port, and the map keeps it for the others that have the same key.
    private static string Leave(NatOptions nat, string external, string condition)
    {
        string key = nat.Mapping == NatMapping.AddressDependent ? "ip saddr . th sport . ip daddr" : "ip saddr . th sport";
        string again = nat.Mapping == NatMapping.AddressAndPortDependent ? "" : $"{condition} meta l4proto {{ tcp, udp }} snat ip to {external} : {key} map @ports\n    ";
        string first = nat.PortAssignment == NatPortAssignment.Preserving ? "" : " fully-random";
        return $"{again}{condition} snat ip to {external}{first}";
    }

    private static string Remember(NatOptions nat) => nat.Mapping switch
    {
        NatMapping.EndpointIndependent => "meta l4proto { tcp, udp } update @ports { ct original ip saddr . ct original proto-src : th sport }",
        NatMapping.AddressDependent => "meta l4proto { tcp, udp } update @ports { ct original ip saddr . ct original proto-src . ct original ip daddr : th sport }",
        _ => "",
    };

    // What comes in through the mapping that the answer will leave by, too.
    private static string Enter(NatOptions nat, string external)
    {
        string inward = (nat.Mapping, nat.Filtering) switch
        {
            (NatMapping.EndpointIndependent, NatFiltering.EndpointIndependent) => "meta l4proto . th dport map @inside",
            (not NatMapping.AddressAndPortDependent, not NatFiltering.AddressAndPortDependent) => "meta l4proto . th dport . ip saddr map @inside_for",
            _ => "",
        };
        string enter = inward.Length == 0 ? "" : $"iifname wan ip daddr {external} meta l4proto {{ tcp, udp }} dnat ip to {inward}";
        string hairpin = nat.Hairpin == NatHairpin.None ? "" : $"iifname lan ip daddr {external} meta l4proto {{ tcp, udp }} meta mark set 2 dnat ip to meta l4proto . th dport map @inside";
        return $"{enter}\n    {hairpin}";
    }

    // What comes in through another mapping than the one that the answer leaves by: the packet is translated, and the connection is not.
    private static string Rewrite(NatOptions nat, string external)
    {
        bool any = nat.Mapping != NatMapping.EndpointIndependent && nat.Filtering == NatFiltering.EndpointIndependent;
        bool sentTo = nat is { Mapping: NatMapping.AddressAndPortDependent, Filtering: NatFiltering.AddressDependent };
        if (!any && !sentTo)
            return "";
        string who = (any, nat.Mapping) switch
        {
            (true, NatMapping.AddressDependent) => "th dport . ip saddr != @allowed",
            (true, _) => "",
            _ => "th dport . ip saddr @allowed",
        };
        string condition = $"iifname wan ip daddr {external} meta l4proto udp ct direction original {who}";
        return $"""
            {condition} meta mark set 1
                meta mark 1 ip daddr set udp dport map @inside_address
                meta mark 1 udp dport set udp dport map @inside_port
            """;
    }

    private static string Through(FirewallRules firewall)
    {
        string udp = firewall.BlocksUdp ? "meta l4proto udp drop" : "";
        string tcp = firewall.TcpPorts is { } ports ? $"oifname wan meta l4proto tcp tcp dport != {{ {string.Join(", ", ports)} }} drop" : "";
        return $"{udp}\n    {tcp}";
    }
}
