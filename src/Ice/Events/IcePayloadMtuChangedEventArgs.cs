using Ice.Core;

namespace Ice;

/// <summary>Less fits into a datagram than before.</summary>
/// <param name="component">The component.</param>
/// <param name="payloadMtu">The bytes of data that fit.</param>
public sealed class IcePayloadMtuChangedEventArgs(ComponentId component, int payloadMtu) : EventArgs
{
    /// <summary>The component.</summary>
    public ComponentId Component { get; } = component;

    /// <summary>How many bytes of data one datagram is expected to carry from now on (<see cref="IceComponent.PayloadMtu"/>).</summary>
    public int PayloadMtu { get; } = payloadMtu;
}
