using System.Globalization;
using Stun;

namespace IceTool.Nat;

/// <summary>What the findings mean, in sentences for a person.</summary>
internal static class NatVerdict
{
    /// <summary>What kind of NAT it is.</summary>
    /// <param name="found">The findings.</param>
    /// <param name="reachedOverTcp">Where no server answered over UDP: whether one did over TCP.</param>
    public static string Kind(NatBehavior found, bool? reachedOverTcp = null)
    {
        if (found.UdpBlocked)
        {
            return reachedOverTcp == true ? "UDP is blocked on the way: a server that takes TCP connections gave no answer over UDP."
                : "No answer over UDP. Either UDP is blocked on the way, or none of the servers is there.";
        }

        if (found.Translated.Value is not { } translated)
            return $"Nothing is known. {found.Translated.Reason}";
        string at = string.Join(", ", found.PublicAddresses.Select(static a => a.ToIPAddress().ToString()));
        if (!translated)
        {
            return found.Filtering.Value is NatFilteringBehavior.AddressDependent or NatFilteringBehavior.AddressAndPortDependent
                ? $"No NAT: the public address is {at}, this host's own. A firewall lets in only who was sent to."
                : $"No NAT: the public address is {at}, this host's own.{(found.Filtering.IsKnown ? " Nothing keeps others from sending to it." : "")}";
        }

        string kind = found.Mapping.Value switch
        {
            NatMappingBehavior.EndpointIndependent => "A NAT that is good for peer-to-peer: one external port for each of yours, whoever it talks to",
            NatMappingBehavior.AddressDependent => "A difficult NAT: another external port for each address that is talked to",
            NatMappingBehavior.AddressAndPortDependent => "A difficult NAT (\"symmetric\"): another external port for each address and port that is talked to",
            NatMappingBehavior.EndpointDependent => "A difficult NAT: the external port depends on who is talked to",
            _ => "A NAT",
        };
        return $"{kind}. Its public address is {at}.";
    }

    /// <summary>Which peers are reached directly.</summary>
    public static string Reach(NatBehavior found)
    {
        if (found.UdpBlocked)
            return "Nobody is reached directly over UDP.";
        if (found.Mapping.Value is not { } mapping)
            return "Which peers are reached directly depends on the mapping, which is not known.";
        NatPassage own = Own(found, mapping);
        int direct = Peers().Count(own.IsDirectWith);
        return direct switch
        {
            9 => "Every peer is reached directly, whatever its NAT.",
            0 => "Only peers without a NAT are reached directly; a relay (TURN) is needed with all others.",
            _ when mapping == NatMappingBehavior.EndpointIndependent =>
                "Peers without a NAT, and behind NATs with endpoint-independent mapping, are reached directly: that is most homes. A relay (TURN) is needed with those behind \"symmetric\" NATs, as the table says.",
            _ => "Peers without a NAT or firewall are reached directly, and those behind NATs with endpoint-independent mapping that filter by address at most. A relay (TURN) is needed with most others, as the table says.",
        };
    }

    /// <summary>The nine kinds of NAT a peer may have: whether it is reached directly, by mapping and filtering.</summary>
    public static bool? IsDirect(NatBehavior found, NatMappingBehavior mapping, NatFilteringBehavior filtering) =>
        found.UdpBlocked || found.Mapping.Value is not { } own ? null : Own(found, own).IsDirectWith(new NatPassage(mapping, filtering));

    /// <summary>What to do.</summary>
    public static IEnumerable<string> Advice(NatBehavior found)
    {
        if (found.UdpBlocked)
        {
            yield return "Give agents a TURN server over TCP, and one over TLS on port 443 (turns:HOST:443): firewalls that block UDP as a rule let that pass.";
            yield return "Try another server, to be sure that it was not the server that is down.";
            yield break;
        }

        bool difficult = found.Mapping.Value is not (null or NatMappingBehavior.EndpointIndependent);
        if (difficult)
            yield return "Give agents a TURN server: with many peers nothing else will work. If the router is yours, look for a setting such as \"full cone\" or \"endpoint-independent mapping\", or switch UPnP or PCP on.";
        else if (found.Translated.Value == true)
            yield return "Give agents a STUN server, and a TURN server for the peers that need one.";
        if (difficult && found.Allocation.Value is { Pattern: NatPortPattern.Sequential } sequential)
            yield return $"The external ports follow each other (step {sequential.Step}), so that the next one can be predicted.";
        if (found.PublicAddresses.Count > 1)
            yield return "The NAT changes between several public addresses: protocols that use two ports (such as RTP with RTCP) may see two addresses. Multiplex them on one port.";
        if (found.Lifetime.Value is { } lifetime && (lifetime.LessThan ?? TimeSpan.MaxValue) < TimeSpan.FromMinutes(2))
            yield return string.Create(CultureInfo.InvariantCulture, $"Mappings live less than {NatWords.Seconds(lifetime.LessThan!.Value)} s without traffic (RFC 4787 asks for two minutes): what is idle needs a keepalive every {Math.Max(1, Math.Floor(lifetime.AtLeast.TotalSeconds / 2)):0} s.");
        if (found.Hairpinning.Value == NatHairpinning.None)
            yield return "Two hosts behind this NAT do not reach each other by their public addresses: they need each other's local ones, which ICE exchanges (host candidates).";
        if (found.Fragments.Value == false)
            yield return "Fragments do not pass: keep datagrams below 1,200 bytes.";
    }

    public static IEnumerable<NatPassage> Peers() =>
        from mapping in new[] { NatMappingBehavior.EndpointIndependent, NatMappingBehavior.AddressDependent, NatMappingBehavior.AddressAndPortDependent }
        from filtering in Enum.GetValues<NatFilteringBehavior>()
        select new NatPassage(mapping, filtering);

    // What is not known is taken for the strictest.
    private static NatPassage Own(NatBehavior found, NatMappingBehavior mapping) => new(
        mapping == NatMappingBehavior.EndpointDependent ? NatMappingBehavior.AddressAndPortDependent : mapping,
        found.Filtering.Value ?? NatFilteringBehavior.AddressAndPortDependent);
}
