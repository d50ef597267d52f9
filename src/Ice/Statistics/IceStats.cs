using System.Collections.Immutable;
using Ice.Core;

namespace Ice;

/// <summary>An agent's counters at one moment. Pairs and the transport's fields have the names of the W3C's webrtc-stats.</summary>
public sealed record IceStats
{
    /// <summary>The agent's state.</summary>
    public required IceConnectionState IceState { get; init; }

    /// <summary>The agent's role.</summary>
    public required IceRole IceRole { get; init; }

    /// <summary>The username fragment of the current session.</summary>
    public required string IceLocalUsernameFragment { get; init; }

    /// <summary>The selected pair of the first component; null before there is one.</summary>
    public int? SelectedCandidatePairId { get; init; }

    /// <summary>How often a selected pair was set or changed.</summary>
    public long SelectedCandidatePairChanges { get; init; }

    /// <summary>All pairs of the current session, by falling priority.</summary>
    public required ImmutableArray<IceCandidatePairStats> CandidatePairs { get; init; }

    /// <summary>Application datagrams sent, over all sessions.</summary>
    public long PacketsSent { get; init; }

    /// <summary>Application datagrams received and accepted, over all sessions.</summary>
    public long PacketsReceived { get; init; }

    /// <summary>Application bytes sent, over all sessions.</summary>
    public long BytesSent { get; init; }

    /// <summary>Application bytes received and accepted, over all sessions.</summary>
    public long BytesReceived { get; init; }

    /// <summary>STUN messages sent.</summary>
    public long StunPacketsSent { get; init; }

    /// <summary>STUN messages received.</summary>
    public long StunPacketsReceived { get; init; }

    /// <summary>STUN messages that the system refused to send, also for want of room.</summary>
    public long StunPacketsDiscardedOnSend { get; init; }

    /// <summary>Of the STUN messages sent: probes beyond the checks of RFC 8445, over all sessions. None without <see cref="IceAgentOptions.Traversal"/>.</summary>
    public long ProbesSent { get; init; }

    /// <summary>Datagrams given up because the receive buffer was full.</summary>
    public long ReceiveBufferOverflows { get; init; }

    /// <summary>Datagrams that were no STUN and came from an address that is not a checked peer.</summary>
    public long UnacceptedDatagrams { get; init; }

    /// <summary>Datagrams longer than <see cref="IceAgentOptions.MaxDatagramSize"/>.</summary>
    public long OversizedDatagrams { get; init; }

    /// <summary>Errors that receiving from a socket reported.</summary>
    public long ReceiveErrors { get; init; }

    /// <summary>Refused STUN messages, by reason; reasons that did not occur are left out.</summary>
    public required ImmutableDictionary<DropReason, long> StunDrops { get; init; }
}
