using Ice;

namespace IceTool.Nat;

/// <summary>What <c>ice nat</c> was told.</summary>
internal sealed record NatRequest(NatDiscoveryOptions Options, bool Json);
