namespace IceTool.Bridge;

/// <summary>The bridge cannot go on; the message says why and what to try.</summary>
internal sealed class BridgeException(string message) : Exception(message);
