using Stun;

namespace Ice.Core;

/// <summary>
/// Counts, in the order of the wire, the mappings that our packets take from NATs: every request to a new destination takes one where the mapping
/// is endpoint-dependent (RFC 4787 §4.1). Outlives restarts, as mappings do. Bounded: the oldest are forgotten.
/// </summary>
internal sealed class MappingLedger
{
    private readonly Dictionary<IcePath, Mapping> _byPath = [];
    private readonly List<Mapping> _mappings = [];
    private readonly Dictionary<TransportAddress, int> _next = [];

    /// <summary>Changes with each sample that tells something new.</summary>
    public int Version { get; private set; }

    /// <summary>A request leaves a base.</summary>
    public void Sent(LocalBase from, TransportAddress to)
    {
        var path = new IcePath(from.Id, to);
        if (_byPath.ContainsKey(path))
            return;
        if (_mappings.Count >= TraversalDefaults.MaxMappings)
        {
            _byPath.Remove(_mappings[0].Path);
            _mappings.RemoveAt(0);
        }

        TransportAddress host = from.Address.WithPort(0);
        var mapping = new Mapping(path, host, NextOrder(host));
        _byPath.Add(path, mapping);
        _mappings.Add(mapping);
    }

    /// <summary>A server has told what it saw.</summary>
    /// <param name="from">The base that asked.</param>
    /// <param name="server">The server.</param>
    /// <param name="external">What it saw.</param>
    /// <param name="repeated">Whether the request was sent more than once.</param>
    public void Sampled(LocalBase from, TransportAddress server, TransportAddress external, bool repeated)
    {
        if (!_byPath.TryGetValue(new IcePath(from.Id, server), out Mapping? mapping))
            return;
        if (mapping.External == external)
            return;
        // The NAT forgot the old mapping and made a new one.
        if (!mapping.External.IsNone)
            mapping.Order = NextOrder(mapping.Host);
        mapping.External = external;
        mapping.IsOrderUncertain = repeated;
        Version++;
    }

    /// <summary>The mappings of a local IP address, oldest first.</summary>
    public IEnumerable<Mapping> Of(LocalBase localBase) =>
        _mappings.Where(mapping => mapping.Host.SameAddress(localBase.Address)).OrderBy(static mapping => mapping.Order);

    private int NextOrder(TransportAddress host)
    {
        int order = _next.GetValueOrDefault(host);
        _next[host] = order + 1;
        return order;
    }
}
