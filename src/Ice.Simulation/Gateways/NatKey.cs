using Stun;

namespace Ice.Simulation;

/// <summary>What a mapping is for: an internal address, and as much of the destination as the mapping behavior looks at.</summary>
internal readonly record struct NatKey(TransportAddress Internal, TransportAddress Destination)
{
    public static NatKey For(NatMapping mapping, TransportAddress source, TransportAddress destination) => new(source, mapping switch
    {
        NatMapping.EndpointIndependent => TransportAddress.None,
        NatMapping.AddressDependent => destination.WithPort(0),
        _ => destination,
    });
}
