using System.Globalization;
using Stun;

namespace IceTool.Nat;

/// <summary>The words of RFC 4787, as <c>ice nat</c> writes them.</summary>
internal static class NatWords
{
    public static string? Of(NatMappingBehavior? mapping) => mapping switch
    {
        NatMappingBehavior.EndpointIndependent => "endpoint-independent",
        NatMappingBehavior.AddressDependent => "address-dependent",
        NatMappingBehavior.AddressAndPortDependent => "address-and-port-dependent",
        // Not one of the three: programs are told null and the reason.
        _ => null,
    };

    public static string? Of(NatFilteringBehavior? filtering) => filtering switch
    {
        NatFilteringBehavior.EndpointIndependent => "endpoint-independent",
        NatFilteringBehavior.AddressDependent => "address-dependent",
        NatFilteringBehavior.AddressAndPortDependent => "address-and-port-dependent",
        _ => null,
    };

    public static string? Of(NatPortPattern? pattern) => pattern switch
    {
        NatPortPattern.Preserving => "preserving",
        NatPortPattern.Sequential => "sequential",
        NatPortPattern.Random => "random",
        _ => null,
    };

    public static string? Source(NatHairpinning? hairpinning) => hairpinning switch
    {
        NatHairpinning.ExternalSource => "external",
        NatHairpinning.InternalSource => "internal",
        NatHairpinning.OtherSource => "other",
        _ => null,
    };

    public static string Of(NatProbeStep step) => step switch
    {
        NatProbeStep.Servers => "servers",
        NatProbeStep.Mapping => "mapping",
        NatProbeStep.Allocation => "ports",
        NatProbeStep.Filtering => "filtering",
        NatProbeStep.Hairpinning => "hairpinning",
        NatProbeStep.Fragments => "fragments",
        _ => "lifetime",
    };

    public static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.#", CultureInfo.InvariantCulture);
}
