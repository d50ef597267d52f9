using Ice.Simulation;

namespace IceTool.Simulate;

/// <summary>The words of a distribution file: RFC 4787's where it has them.</summary>
internal static class DistributionWords
{
    public static IReadOnlyDictionary<string, Access> Access { get; } = new Dictionary<string, Access>
    {
        ["public"] = Ice.Simulation.Access.Public,
        ["nat"] = Ice.Simulation.Access.Nat,
        ["firewall"] = Ice.Simulation.Access.Firewall,
        ["no-udp"] = Ice.Simulation.Access.Blocked,
        ["tcp-443"] = Ice.Simulation.Access.TcpOnly,
        ["closed"] = Ice.Simulation.Access.Closed,
    };

    public static IReadOnlyDictionary<string, NatMapping> Mapping { get; } = new Dictionary<string, NatMapping>
    {
        ["endpoint-independent"] = NatMapping.EndpointIndependent,
        ["address-dependent"] = NatMapping.AddressDependent,
        ["address-and-port-dependent"] = NatMapping.AddressAndPortDependent,
    };

    public static IReadOnlyDictionary<string, NatFiltering> Filtering { get; } = new Dictionary<string, NatFiltering>
    {
        ["endpoint-independent"] = NatFiltering.EndpointIndependent,
        ["address-dependent"] = NatFiltering.AddressDependent,
        ["address-and-port-dependent"] = NatFiltering.AddressAndPortDependent,
    };

    public static IReadOnlyDictionary<string, NatPortAssignment> Ports { get; } = new Dictionary<string, NatPortAssignment>
    {
        ["preserving"] = NatPortAssignment.Preserving,
        ["random"] = NatPortAssignment.Random,
        ["sequential"] = NatPortAssignment.Sequential,
        ["parity"] = NatPortAssignment.Parity,
    };

    public static IReadOnlyDictionary<string, NatHairpin> Hairpin { get; } = new Dictionary<string, NatHairpin>
    {
        ["none"] = NatHairpin.None,
        ["internal"] = NatHairpin.InternalSource,
        ["external"] = NatHairpin.ExternalSource,
    };
}
