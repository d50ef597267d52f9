namespace Ice.Simulation;

/// <summary>What a simulated TCP segment says besides its ports and data.</summary>
/// <param name="Flags">The flags.</param>
/// <param name="Sequence">The number of its first byte.</param>
/// <param name="Acknowledgment">The number of the next byte that its sender expects.</param>
public readonly record struct TcpHeader(TcpFlags Flags, uint Sequence, uint Acknowledgment);
