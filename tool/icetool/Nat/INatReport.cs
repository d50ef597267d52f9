using Ice;

namespace IceTool.Nat;

/// <summary>Where the findings go: a person, or a program.</summary>
internal interface INatReport : IProgress<NatDiscoveryProgress>
{
    void Begin(NatDiscoveryOptions options);

    void End(NatDiscoveryResult result);
}
