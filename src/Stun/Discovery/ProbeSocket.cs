namespace Stun;

/// <summary>A socket of a <see cref="NatBehaviorProbe"/>, once the driver has opened it.</summary>
internal sealed class ProbeSocket(NatSocketId id)
{
    public NatSocketId Id { get; } = id;

    /// <summary>None until it is open.</summary>
    public TransportAddress Local { get; set; }
}
