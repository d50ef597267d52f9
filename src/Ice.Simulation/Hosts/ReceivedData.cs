using Ice.Core;

namespace Ice.Simulation;

/// <summary>Application data that an agent received.</summary>
/// <param name="Component">The component of the socket that it came to.</param>
/// <param name="Path">The socket, and where it came from.</param>
/// <param name="Text">The data as text.</param>
public sealed record ReceivedData(ComponentId Component, IcePath Path, string Text);
