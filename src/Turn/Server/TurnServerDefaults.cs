namespace Turn;

/// <summary>The server's constants, each under the sentence that it comes from.</summary>
public static class TurnServerDefaults
{
    /// <summary>How long a nonce is taken.</summary>
    /// <remarks>RFC 8656 §5: "SHOULD expire the nonce at least once every hour during the lifetime of the allocation".</remarks>
    public static readonly TimeSpan NonceLifetime = TimeSpan.FromHours(1);

    /// <summary>The first port of the range for relays.</summary>
    /// <remarks>RFC 8656 §7.2: "the server SHOULD only allocate ports from the range 49152 - 65535".</remarks>
    public const int MinRelayPort = 49152;

    /// <summary>The last port of the range for relays.</summary>
    public const int MaxRelayPort = 65535;

    /// <summary>The room before a peer's datagram in the buffer that <see cref="TurnServerCore.HandlePeer"/> gets: a Data indication's header.</summary>
    public const int Headroom = 48;

    /// <summary>The room after a peer's datagram: the padding of DATA.</summary>
    public const int Tailroom = 4;

    /// <summary>How many ports are tried for a relay that the system refuses to open, before the client is told 508.</summary>
    public const int MaxOpenAttempts = 16;

    /// <summary>How many replies wait for a driver that does not collect them; more are dropped and counted.</summary>
    public const int MaxWaitingReplies = 4096;
}
