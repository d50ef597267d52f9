using Stun;

namespace Turn;

/// <summary>What to do with the application data that was just handed in: a part of the same buffer is to be sent on.</summary>
/// <remarks>The data is not copied; send it before the buffer is used again.</remarks>
public readonly record struct TurnForward
{
    /// <summary>Where it goes.</summary>
    public TurnForwardKind Kind { get; private init; }

    /// <summary>The relay socket that sends, for <see cref="TurnForwardKind.ToPeer"/>.</summary>
    public RelayId Relay { get; private init; }

    /// <summary>The peer, for <see cref="TurnForwardKind.ToPeer"/>.</summary>
    public TransportAddress Peer { get; private init; }

    /// <summary>The client's path, for <see cref="TurnForwardKind.ToClient"/>.</summary>
    public FiveTuple Path { get; private init; }

    /// <summary>Where the bytes to send begin in the buffer.</summary>
    public int Offset { get; private init; }

    /// <summary>How many bytes to send; 0 is an empty datagram.</summary>
    public int Length { get; private init; }

    /// <summary>Whether the datagram must leave with the DF bit set (RFC 8656 §14).</summary>
    public bool DontFragment { get; private init; }

    internal static TurnForward ToPeer(RelayId relay, TransportAddress peer, int offset, int length, bool dontFragment) =>
        new() { Kind = TurnForwardKind.ToPeer, Relay = relay, Peer = peer, Offset = offset, Length = length, DontFragment = dontFragment };

    internal static TurnForward ToClient(FiveTuple path, int offset, int length) =>
        new() { Kind = TurnForwardKind.ToClient, Path = path, Offset = offset, Length = length };
}
