using Stun;

namespace Ice.Simulation;

/// <summary>The remote addresses that were sent to, each until its lifetime has passed: what filtering is decided by.</summary>
internal sealed class Permissions
{
    private readonly Dictionary<TransportAddress, Instant> _until = [];

    public void Grant(TransportAddress remote, Instant until)
    {
        _until[remote] = until;
        _until[remote.WithPort(0)] = until;
    }

    public bool Allows(NatFiltering filtering, TransportAddress remote, Instant now) => filtering switch
    {
        NatFiltering.EndpointIndependent => true,
        NatFiltering.AddressDependent => Holds(remote.WithPort(0), now),
        _ => Holds(remote, now),
    };

    public void Refresh(TransportAddress remote, Instant now, Instant until)
    {
        if (Holds(remote, now))
            Grant(remote, until);
    }

    private bool Holds(TransportAddress key, Instant now) => _until.TryGetValue(key, out Instant until) && now < until;
}
