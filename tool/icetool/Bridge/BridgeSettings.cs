using Ice;

namespace IceTool.Bridge;

/// <summary>What the command line asks for.</summary>
/// <param name="Offers">Whether this side offers, and so controls, or answers.</param>
/// <param name="Bridge">Where the application is met.</param>
/// <param name="Agent">How to connect.</param>
/// <param name="Folder">Where the lines travel as files; null for copy and paste.</param>
/// <param name="Timeout">How long to look for a way once both sides have each other's line.</param>
/// <param name="Json">Whether the report is JSON lines.</param>
internal sealed record BridgeSettings(bool Offers, IceUdpBridgeOptions Bridge, IceAgentOptions Agent, string? Folder, TimeSpan Timeout, bool Json);
