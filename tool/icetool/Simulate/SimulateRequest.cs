namespace IceTool.Simulate;

/// <summary>What the command line asks for.</summary>
/// <param name="Settings">What to run.</param>
/// <param name="Directory">Where pictures go; null for none.</param>
/// <param name="Pcap">The capture of one session alone; null runs all.</param>
/// <param name="Session">That session.</param>
/// <param name="Json">Whether a program reads.</param>
internal sealed record SimulateRequest(SimulateSettings Settings, string? Directory, string? Pcap, long Session, bool Json);
