using Stun;

namespace Ice.Simulation;

/// <summary>The mappings of a NAT for one protocol: UDP and TCP have ports of their own (RFC 5382 §4).</summary>
internal sealed class NatTable
{
    private readonly Dictionary<NatKey, NatEntry> _byKey = [];
    private readonly Dictionary<TransportAddress, NatEntry> _byExternal = [];
    private readonly NatOptions _options;
    private readonly SimRandom _random;
    private int _nextPort;

    public NatTable(NatOptions options, SimRandom random)
    {
        _options = options;
        _random = random;
        _nextPort = options.FirstPort;
    }

    public int CountAt(Instant now) => _byKey.Values.Count(entry => now < entry.Until);

    public void Clear()
    {
        _byKey.Clear();
        _byExternal.Clear();
    }

    /// <summary>The mapping in force at an external address, or null.</summary>
    public NatEntry? Find(TransportAddress external, Instant now) =>
        _byExternal.TryGetValue(external, out NatEntry? entry) && now < entry.Until ? entry : null;

    /// <summary>The mapping for a packet out; null when no port is free.</summary>
    public NatEntry? GetOrCreate(TransportAddress source, TransportAddress destination, Func<TransportAddress, TransportAddress> chooseAddress, Instant now)
    {
        NatKey key = NatKey.For(_options.Mapping, source, destination);
        if (_byKey.TryGetValue(key, out NatEntry? entry))
        {
            if (now < entry.Until)
                return entry;
            _ = _byKey.Remove(key);
            _ = _byExternal.Remove(entry.External);
        }

        if (AssignPort(chooseAddress(source.WithPort(0)), source.Port, now) is not { } external)
            return null;
        entry = new NatEntry(key, external);
        _byKey.Add(key, entry);
        _byExternal.Add(external, entry);
        return entry;
    }

    private TransportAddress? AssignPort(TransportAddress address, int internalPort, Instant now)
    {
        int ports = _options.LastPort - _options.FirstPort + 1;
        int start = _options.PortAssignment switch
        {
            NatPortAssignment.Preserving when IsFree(address.WithPort(internalPort), now) => internalPort,
            NatPortAssignment.Sequential => _nextPort,
            _ => _random.Next(_options.FirstPort, _options.LastPort + 1),
        };
        bool keepsParity = _options.PortAssignment == NatPortAssignment.Parity;
        // From the port that we would like on to the next free one, once around.
        for (int i = 0; i < ports; i++)
        {
            int port = Wrap(start + i);
            TransportAddress candidate = address.WithPort(port);
            if ((keepsParity && ((port ^ internalPort) & 1) != 0) || !IsFree(candidate, now))
                continue;
            _nextPort = Wrap(port + _options.PortStep);
            return candidate;
        }

        return null;

        int Wrap(int port) => _options.FirstPort + ((port - _options.FirstPort) % ports);
    }

    private bool IsFree(TransportAddress external, Instant now)
    {
        if (external.Port < _options.FirstPort || external.Port > _options.LastPort)
            return false;
        if (!_byExternal.TryGetValue(external, out NatEntry? entry))
            return true;
        if (now < entry.Until)
            return false;
        _ = _byKey.Remove(entry.Key);
        _ = _byExternal.Remove(external);
        return true;
    }
}
