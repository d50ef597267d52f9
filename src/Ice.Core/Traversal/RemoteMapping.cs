using Stun;

namespace Ice.Core;

/// <summary>A peer behind a NAT that maps each destination anew, as its candidates show it.</summary>
/// <param name="Addresses">The external IP addresses, with port 0.</param>
/// <param name="Ports">The ports of its server-reflexive candidates, in rising order.</param>
/// <param name="Pattern">Their rule. What order they were made in is not known: NATs count up.</param>
internal sealed record RemoteMapping(IReadOnlyList<TransportAddress> Addresses, IReadOnlyList<int> Ports, PortPattern Pattern)
{
    /// <summary>Finds two server-reflexive candidates of one base with different addresses: what RFC 4787 §4.1 calls endpoint-dependent mapping.</summary>
    public static RemoteMapping? Find(IEnumerable<RemoteCandidate> candidates, ComponentId component)
    {
        IGrouping<TransportAddress, TransportAddress>? group = candidates
            .Where(candidate => candidate.Component == component && candidate.Info.Type == IceCandidateType.ServerReflexive)
            .GroupBy(static candidate => BaseOf(candidate), static candidate => candidate.Address)
            .FirstOrDefault(static addresses => addresses.Skip(1).Any());
        if (group is null)
            return null;
        int[] ports = [.. group.Select(static address => address.Port).Distinct().Order()];
        PortSample[] samples = [.. ports.Select(static (port, index) => new PortSample(index, port))];
        return new RemoteMapping([.. group.Select(static address => address.WithPort(0)).Distinct()], ports, PortPattern.Analyze(samples));
    }

    // Who hides its addresses (RFC 8828) says raddr 0.0.0.0 or leaves the port out: then two candidates of one external address are taken for
    // those of one base. At worst they are of two, and some probes are wasted.
    private static TransportAddress BaseOf(RemoteCandidate candidate)
    {
        TransportAddress related = candidate.Info.RelatedAddress;
        return related.IsNone || related.IsAny || related.Port is 0 or 9 ? candidate.Address.WithPort(0) : related;
    }
}
