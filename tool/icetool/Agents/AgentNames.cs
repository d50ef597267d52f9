using Ice;

namespace IceTool.Agents;

/// <summary>The protocol words for the library's enumerations, as signaling and the W3C write them.</summary>
internal static class AgentNames
{
    public static string Of(IceConnectionState state) => state switch
    {
        IceConnectionState.New => "new",
        IceConnectionState.Checking => "checking",
        IceConnectionState.Connected => "connected",
        IceConnectionState.Disconnected => "disconnected",
        IceConnectionState.Failed => "failed",
        _ => "closed",
    };

    public static string Of(CandidatePairState state) => state switch
    {
        CandidatePairState.Frozen => "frozen",
        CandidatePairState.Waiting => "waiting",
        CandidatePairState.InProgress => "in-progress",
        CandidatePairState.Succeeded => "succeeded",
        _ => "failed",
    };

    public static string Of(IceCandidateType type) => type switch
    {
        IceCandidateType.Host => "host",
        IceCandidateType.ServerReflexive => "srflx",
        IceCandidateType.PeerReflexive => "prflx",
        _ => "relay",
    };

    public static string Of(IceRole role) => role == IceRole.Controlling ? "controlling" : "controlled";

    /// <summary>Where a candidate is: an address and a port, or a name and a port.</summary>
    public static string EndPointOf(IceCandidate candidate) => candidate.HostName is { } name ? $"{name}:{candidate.Port}" : candidate.Address.ToString();
}
