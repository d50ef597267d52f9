using Ice.Core;
using Ice.Net;
using Stun;

namespace Ice;

/// <summary>Finds STUN and TURN servers behind a domain name by NAPTR and SRV records (RFC 5928 §3, RFC 8489 §8). Decides; the resolver asks.</summary>
/// <param name="dns">Who asks.</param>
/// <param name="entropy">The randomness of the choice among records.</param>
/// <param name="stunService">The service that <c>stun:</c> URIs mean.</param>
internal sealed class ServiceResolution(IDnsResolver dns, EntropySource entropy, string stunService = "_stun")
{
    // Chains of pointers end, and so does what a hostile zone can make us ask.
    private const int MaxDepth = 5;
    private const int MaxQueries = 30;

    private int _queries;

    /// <summary>The locations of a server in the order in which to try them.</summary>
    /// <param name="uri">The URI, with a domain name as host.</param>
    /// <param name="supported">The transports that the agent has, the most wanted first.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public async Task<IReadOnlyList<ServiceLocation>> ResolveAsync(StunUri uri, IReadOnlyList<RelayTransport> supported, CancellationToken cancellationToken)
    {
        if (!uri.IsTurn)
            return await ServicesAsync($"{stunService}._udp.{uri.Host}", uri.Host, StunUri.DefaultPort, RelayTransport.Udp, uri, cancellationToken).ConfigureAwait(false);

        // RFC 5928 §3: "the algorithm filters the list of TURN transports supported by the application by removing the UDP and TCP TURN
        // transport if <secure> is true."
        List<RelayTransport> wanted = [.. supported.Where(t => !uri.IsSecure || t is RelayTransport.Tls)];
        if (uri.ExplicitTransport is not null)
            wanted = wanted.FindAll(t => t == Named(uri));
        // "If <host> is a domain name and <port> is defined, then <host> is resolved to a list of IP addresses via DNS A and AAAA queries."
        if (uri.ExplicitPort is { } port)
            return [.. wanted.Select(t => new ServiceLocation(uri.Host, port, t))];
        // "If <host> is a domain name and <port> is not defined but <transport> is defined, then the SRV algorithm defined in [RFC2782] is
        // used to generate a list of IP address and port tuples."
        if (uri.ExplicitTransport is null && await PointersAsync(uri.Host, wanted, cancellationToken).ConfigureAwait(false) is { Count: > 0 } found)
            return found;

        // "If the first NAPTR query in the previous step does not return any result, then the SRV algorithm defined in [RFC2782] is used"
        var locations = new List<ServiceLocation>();
        foreach (RelayTransport transport in wanted)
        {
            string name = $"{ServiceOf(uri, transport)}.{ProtocolOf(transport)}.{uri.Host}";
            locations.AddRange(await ServicesAsync(name, uri.Host, DefaultPort(transport), transport, uri, cancellationToken).ConfigureAwait(false));
        }

        return locations;
    }

    private static RelayTransport Named(StunUri uri) => (uri.IsSecure, uri.ExplicitTransport) switch
    {
        (true, StunTransport.Tcp) => RelayTransport.Tls,
        (true, _) => RelayTransport.Dtls,
        (false, StunTransport.Tcp) => RelayTransport.Tcp,
        (false, _) => RelayTransport.Udp,
    };

    private static string ServiceOf(StunUri uri, RelayTransport transport) => uri.IsSecure || transport == RelayTransport.Tls ? "_turns" : "_turn";

    private static string ProtocolOf(RelayTransport transport) => transport is RelayTransport.Udp or RelayTransport.Dtls ? "_udp" : "_tcp";

    // RFC 5928 §3: "using "turn.udp" if the TURN transport is UDP, "turn.tcp" if the TURN transport is TCP, and "turn.tls" if the TURN
    // transport is TLS."
    private static string TagOf(RelayTransport transport) => transport switch
    {
        RelayTransport.Udp => "turn.udp",
        RelayTransport.Tcp => "turn.tcp",
        RelayTransport.Tls => "turn.tls",
        _ => "turn.dtls",
    };

    private static int DefaultPort(RelayTransport transport) => transport is RelayTransport.Udp or RelayTransport.Tcp ? StunUri.DefaultPort : StunUri.DefaultSecurePort;

    private static bool Serves(DnsRecord.Pointer pointer, RelayTransport transport)
    {
        string[] parts = pointer.Services.Split(':');
        return parts.Length > 1 && string.Equals(parts[0], "RELAY", StringComparison.OrdinalIgnoreCase)
            && parts.Skip(1).Contains(TagOf(transport), StringComparer.OrdinalIgnoreCase);
    }

    // The S-NAPTR algorithm (RFC 3958) for all transports that are wanted.
    private async Task<List<ServiceLocation>> PointersAsync(string host, List<RelayTransport> wanted, CancellationToken cancellationToken)
    {
        IReadOnlyList<DnsRecord.Pointer> first = await QueryPointersAsync(host, cancellationToken).ConfigureAwait(false);
        var locations = new List<ServiceLocation>();
        // RFC 5928 §3: "The order to try the application protocol tags is provided by the ranking of the first set of NAPTR records.  If
        // multiple application protocol tags have the same ranking, the preferred order set by the application is used."
        foreach (IGrouping<(int, int), DnsRecord.Pointer> rank in first.GroupBy(static p => (p.Order, p.Preference)).OrderBy(static g => g.Key))
        {
            foreach (RelayTransport transport in wanted)
            {
                foreach (DnsRecord.Pointer pointer in rank.Where(p => Serves(p, transport)))
                    locations.AddRange(await FollowAsync(pointer, transport, 1, cancellationToken).ConfigureAwait(false));
            }
        }

        return locations;
    }

    private async Task<IReadOnlyList<ServiceLocation>> FollowAsync(DnsRecord.Pointer pointer, RelayTransport transport, int depth, CancellationToken cancellationToken)
    {
        if (depth > MaxDepth || pointer.Replacement.Length == 0)
            return [];
        switch (pointer.Flags.ToUpperInvariant())
        {
            case "A":
                return [new ServiceLocation(pointer.Replacement, DefaultPort(transport), transport)];
            case "S":
                return await ServicesAsync(pointer.Replacement, null, DefaultPort(transport), transport, null, cancellationToken).ConfigureAwait(false);
            case "":
                var locations = new List<ServiceLocation>();
                IReadOnlyList<DnsRecord.Pointer> next = await QueryPointersAsync(pointer.Replacement, cancellationToken).ConfigureAwait(false);
                foreach (DnsRecord.Pointer candidate in next.Where(p => Serves(p, transport)).OrderBy(static p => (p.Order, p.Preference)))
                    locations.AddRange(await FollowAsync(candidate, transport, depth + 1, cancellationToken).ConfigureAwait(false));
                return locations;
            default:
                return [];
        }
    }

    /// <summary>The SRV algorithm; without records the host itself, where there is one to fall back to.</summary>
    private async Task<IReadOnlyList<ServiceLocation>> ServicesAsync(
        string name, string? host, int defaultPort, RelayTransport transport, StunUri? uri, CancellationToken cancellationToken)
    {
        // A URI with a port names the server itself (RFC 8489 §8).
        if (uri is { IsTurn: false, ExplicitPort: { } port })
            return [new ServiceLocation(uri.Host, port, transport)];
        List<DnsRecord.Service> services = [.. (await QueryAsync(name, DnsRecordType.Srv, cancellationToken).ConfigureAwait(false)).OfType<DnsRecord.Service>()];
        // RFC 5928 §3: "The SRV algorithm recommends doing an A query if the SRV query returns an error or no SRV RR; in this case, the default
        // port ... MUST be used for contacting the TURN server."
        if (services.Count == 0)
            return host is null ? [] : [new ServiceLocation(host, defaultPort, transport)];
        return [.. Order(services).Where(static s => s.Target.Length > 0).Select(s => new ServiceLocation(s.Target, s.Port, transport))];
    }

    // By priority, the lowest number first; within one, a target's chance to come next is its share of the weights (RFC 2782).
    private IEnumerable<DnsRecord.Service> Order(List<DnsRecord.Service> services)
    {
        foreach (IGrouping<int, DnsRecord.Service> priority in services.GroupBy(static s => s.Priority).OrderBy(static g => g.Key))
        {
            List<DnsRecord.Service> left = [.. priority.OrderBy(static s => s.Weight)];
            while (left.Count > 0)
            {
                double pick = entropy.NextDouble() * left.Sum(static s => s.Weight);
                int index = 0;
                while (index < left.Count - 1 && pick >= left[index].Weight)
                    pick -= left[index++].Weight;
                yield return left[index];
                left.RemoveAt(index);
            }
        }
    }

    private async Task<IReadOnlyList<DnsRecord.Pointer>> QueryPointersAsync(string name, CancellationToken cancellationToken) =>
        [.. (await QueryAsync(name, DnsRecordType.Naptr, cancellationToken).ConfigureAwait(false)).OfType<DnsRecord.Pointer>()];

    private async Task<IReadOnlyList<DnsRecord>> QueryAsync(string name, DnsRecordType type, CancellationToken cancellationToken)
    {
        if (++_queries > MaxQueries)
            return [];
        try
        {
            return await dns.QueryAsync(name, type, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // "returns an error or no SRV RR" is one case: the host's own addresses are tried then.
            return [];
        }
    }
}
