using Turn;

namespace IceTool.Turn;

/// <summary>How a server is tried.</summary>
/// <param name="Client">The credentials, and the family of the relayed address.</param>
/// <param name="Timeout">How long the server may take for everything but the throughput.</param>
/// <param name="Throughput">For how long the throughput is measured; zero leaves it out.</param>
internal sealed record TurnProbeSettings(TurnClientOptions Client, TimeSpan Timeout, TimeSpan Throughput);
