namespace Ice.Core;

/// <summary>Every constant of the agent, under the sentence that it comes from.</summary>
public static class IceDefaults
{
    /// <summary>The default Ta.</summary>
    /// <remarks>RFC 8445 §14.2: "ICE agents SHOULD use a default Ta value, 50 ms".</remarks>
    public static readonly TimeSpan Pacing = TimeSpan.FromMilliseconds(50);

    /// <summary>The least Ta.</summary>
    /// <remarks>RFC 8445 §14.2: "the combination of all transactions from all agents ... MUST NOT be sent more often than once every 5 ms".</remarks>
    public static readonly TimeSpan MinimumPacing = TimeSpan.FromMilliseconds(5);

    /// <summary>The most that a peer can slow us down to by its ice-pacing; a bound of our own.</summary>
    public static readonly TimeSpan MaximumPacing = TimeSpan.FromMilliseconds(1000);

    /// <summary>How many urgent transactions (first and triggered checks, nominations, permissions) may leave before their Ta has passed; see docs/departures.md.</summary>
    public const int UrgentBurst = 3;

    /// <summary>The same for the pacer that all agents of a process share: two of them may be each other's peers, see docs/departures.md.</summary>
    public const int SharedUrgentBurst = 8;

    /// <summary>When a check is repeated that the peer's own check has met under way; see docs/departures.md.</summary>
    public static readonly TimeSpan HastenedRepeat = TimeSpan.FromMilliseconds(5);

    /// <summary>The least retransmission timeout of a check.</summary>
    /// <remarks>RFC 8445 §14.3: "Agents MUST NOT use an RTO value smaller than 500 ms."</remarks>
    public static readonly TimeSpan MinimumRto = TimeSpan.FromMilliseconds(500);

    /// <summary>How often a request is sent at most.</summary>
    /// <remarks>RFC 8489 §6.2.1: "Rc SHOULD be configurable and SHOULD have a default of 7."</remarks>
    public const int RequestCount = 7;

    /// <summary>How many RTO to wait after the last request.</summary>
    /// <remarks>RFC 8489 §6.2.1: "Rm SHOULD be configurable and SHOULD have a default of 16."</remarks>
    public const int LastRequestWait = 16;

    /// <summary>The basic period of consent checks; each is drawn from 0.8 to 1.2 times it.</summary>
    /// <remarks>RFC 7675 §5.1: "Implementations SHOULD set a default interval of 5 seconds, resulting in a period between checks of 4 to 6 seconds."</remarks>
    public static readonly TimeSpan ConsentInterval = TimeSpan.FromSeconds(5);

    /// <summary>When consent expires after the last answer.</summary>
    /// <remarks>RFC 7675 §5.1: "Consent expires after 30 seconds."</remarks>
    public static readonly TimeSpan ConsentExpiry = TimeSpan.FromSeconds(30);

    /// <summary>When a pair without an answer, and without data from the peer, is called disconnected: two consent checks unanswered.</summary>
    public static readonly TimeSpan DisconnectedAfter = TimeSpan.FromSeconds(12);

    /// <summary>Tr, the keepalive interval.</summary>
    /// <remarks>RFC 8445 §11: "Agents SHOULD use a Tr value of 15 seconds.  Agents MAY use a bigger value but MUST NOT use a value smaller than 15 seconds."</remarks>
    public static readonly TimeSpan KeepaliveInterval = TimeSpan.FromSeconds(15);

    /// <summary>How long a valid pair waits at most for better pairs that are still being checked before it is nominated.</summary>
    /// <remarks>RFC 8445 §8.1.1: "The criteria for stopping the connectivity checks and for picking a pair for nomination are outside the scope of this specification."</remarks>
    public static readonly TimeSpan NominationPatience = TimeSpan.FromMilliseconds(500);

    /// <summary>How long a valid pair through a relay waits at most for direct ones whose checks are to be repeated once: the first may have come before the peer's NAT was open.</summary>
    public static readonly TimeSpan RelayedNominationPatience = TimeSpan.FromMilliseconds(1000);

    /// <summary>How long the session before a restart is kept after the new one has concluded.</summary>
    /// <remarks>RFC 8445 §8.3.1: "the agent SHOULD wait an additional three seconds".</remarks>
    public static readonly TimeSpan FreeingDelay = TimeSpan.FromSeconds(3);

    /// <summary>Local candidates of a session, peer-reflexive ones included.</summary>
    public const int MaxLocalCandidates = 256;

    /// <summary>Remote candidates of a session, peer-reflexive ones included.</summary>
    public const int MaxRemoteCandidates = 256;

    /// <summary>Checks kept until the remote credentials are known.</summary>
    public const int MaxEarlyRequests = 100;

    /// <summary>Transactions of one pair that may be under way, cancelled ones included.</summary>
    public const int MaxTransactionsPerPair = 8;

    /// <summary>Remote peer-reflexive candidates of a component: a NAT that maps each destination anew can show one with every check.</summary>
    public const int MaxRemotePeerReflexive = 32;

    /// <summary>Remote peer-reflexive candidates of a component beyond those, for checks that nominate: the peer depends on what it has nominated.</summary>
    public const int MaxNominatedPeerReflexive = 8;

    /// <summary>How many checks of a path the peer's checks may trigger; see docs/departures.md.</summary>
    public const int MaxTriggeredChecks = 8;

    /// <summary>Paths from which a component accepts data.</summary>
    public const int MaxAcceptedPaths = 16;
}
