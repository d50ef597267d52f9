namespace Ice;

/// <summary>Why an agent is in <see cref="IceConnectionState.Failed"/> or <see cref="IceConnectionState.Disconnected"/>.</summary>
public enum IceFailureReason
{
    /// <summary>Nothing failed.</summary>
    None,

    /// <summary>There is no local candidate: no interface has a usable address, or the policy excludes all of them.</summary>
    NoLocalCandidates,

    /// <summary>The peer signalled no candidate and none of its checks arrived.</summary>
    NoRemoteCandidates,

    /// <summary>No local candidate fits any remote one (address family, transport or component).</summary>
    NoCandidatePairs,

    /// <summary>Every pair was checked and none was answered: no path was found.</summary>
    AllChecksFailed,

    /// <summary>A pair was valid but the controlling peer nominated none in time.</summary>
    NotNominated,

    /// <summary>The selected pair no longer answers consent checks (RFC 7675 §5.1).</summary>
    ConsentExpired,

    /// <summary>The local interface of the selected pair went away.</summary>
    InterfaceLost,

    /// <summary>The selected pair has not answered for some time; consent has not expired yet.</summary>
    NotAnswering,

    /// <summary>The relay of the selected pair was lost: the TURN server no longer has the allocation, or cannot be reached.</summary>
    RelayLost,

    /// <summary>All sockets of the agent were closed by what they belong to, such as a mux.</summary>
    SocketsClosed,
}
