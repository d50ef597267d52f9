using Ice.Core;
using Stun;

namespace Ice.Simulation;

/// <summary>The stream of a <see cref="SimAgent"/> towards a TURN server, as its machine knows it.</summary>
internal sealed class RelayStream(int relayId, BaseId via, SimStream stream)
{
    public int RelayId { get; } = relayId;

    /// <summary>The number that stands for it in transmits and paths.</summary>
    public BaseId Via { get; } = via;

    public SimStream Stream { get; } = stream;

    public TransportAddress Server => Stream.RemoteAddress;

    public TurnFrames Frames { get; } = new();
}
