namespace Turn;

/// <summary>Every constant of TURN, under the sentence that it comes from.</summary>
public static class TurnDefaults
{
    /// <summary>The least channel number.</summary>
    /// <remarks>RFC 8656 §12: "0x4000 through 0x4FFF: These values are the allowed channel numbers (4096 possible values)."</remarks>
    public const int MinChannelNumber = 0x4000;

    /// <summary>The greatest channel number.</summary>
    /// <remarks>RFC 8656 §12: "0x4000 through 0x4FFF: These values are the allowed channel numbers (4096 possible values)."</remarks>
    public const int MaxChannelNumber = 0x4FFF;

    /// <summary>How many client addresses are tried on a server that answers 437.</summary>
    /// <remarks>RFC 8656 §7.4: "The client SHOULD try three different client transport addresses before giving up on this server."</remarks>
    public const int MaxClientAddresses = 3;

    /// <summary>The lifetime of an allocation for which none was asked.</summary>
    /// <remarks>RFC 8656 §6: "By default, each Allocate or Refresh transaction resets this timer to the default lifetime value of 600 seconds (10 minutes)".</remarks>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(600);

    /// <summary>The greatest lifetime that a server should give.</summary>
    /// <remarks>RFC 8656 §7.2: "It is RECOMMENDED that the server use a maximum allowed lifetime value of no more than 3600 seconds (1 hour)."</remarks>
    public static readonly TimeSpan MaxLifetime = TimeSpan.FromSeconds(3600);

    /// <summary>How long before its expiry an allocation is refreshed.</summary>
    /// <remarks>RFC 8656 §8: "It is suggested that the client refresh the allocation roughly 1 minute before it expires."</remarks>
    public static readonly TimeSpan RefreshMargin = TimeSpan.FromMinutes(1);

    /// <summary>The lifetime of a permission.</summary>
    /// <remarks>RFC 8656 §9: "The Permission Lifetime MUST be 300 seconds (= 5 minutes)."</remarks>
    public static readonly TimeSpan PermissionLifetime = TimeSpan.FromSeconds(300);

    /// <summary>How long before its expiry a permission is refreshed: enough for a transaction in which six of seven requests are lost.</summary>
    public static readonly TimeSpan PermissionRefreshMargin = TimeSpan.FromSeconds(60);

    /// <summary>Permissions whose refresh is due within this time ride along in the CreatePermission request of one that is due.</summary>
    public static readonly TimeSpan PermissionRefreshWindow = TimeSpan.FromSeconds(30);

    /// <summary>The lifetime of a channel binding.</summary>
    /// <remarks>RFC 8656 §12: "A channel binding lasts for 10 minutes unless refreshed."</remarks>
    public static readonly TimeSpan ChannelLifetime = TimeSpan.FromMinutes(10);

    /// <summary>How long before its expiry a channel binding is refreshed: enough for two transactions that go unanswered, and a third.</summary>
    public static readonly TimeSpan ChannelRefreshMargin = TimeSpan.FromMinutes(2);

    /// <summary>How long a number or a peer's address is not bound otherwise after its channel binding has expired.</summary>
    /// <remarks>
    /// RFC 8656 §12: "To prevent race conditions, the client MUST wait 5 minutes after the channel binding expires before attempting to bind the
    /// channel number to a different transport address or the transport address to a different channel number."
    /// </remarks>
    public static readonly TimeSpan ChannelRest = TimeSpan.FromMinutes(5);

    /// <summary>How long no allocation is asked for after three answers of 437.</summary>
    /// <remarks>
    /// RFC 8656 §7.4: "Once the client gives up on the server, it SHOULD NOT try to create another allocation on the server for 2 minutes."
    /// </remarks>
    public static readonly TimeSpan MismatchWait = TimeSpan.FromMinutes(2);

    /// <summary>How long no allocation is asked for after 486 or 508.</summary>
    /// <remarks>
    /// RFC 8656 §7.4: "The client SHOULD wait at least 1 minute before trying to create any more allocations on the server."
    /// </remarks>
    public static readonly TimeSpan CapacityWait = TimeSpan.FromMinutes(1);

    /// <summary>How long a server holds a port that EVEN-PORT reserved.</summary>
    /// <remarks>RFC 8656 §7.2: "The server MUST hold this reservation for at least 30 seconds".</remarks>
    public static readonly TimeSpan ReservationHold = TimeSpan.FromSeconds(30);

    /// <summary>How long a peer is not connected to again after 447.</summary>
    /// <remarks>RFC 6062 §4.3: "The client MAY retry with the same XOR-PEER-ADDRESS attribute, but MUST wait at least 10 seconds."</remarks>
    public static readonly TimeSpan ConnectRetryWait = TimeSpan.FromSeconds(10);

    /// <summary>How long a server tries to connect to a peer.</summary>
    /// <remarks>RFC 6062 §5.2: "The timeout value MUST be at least 30 seconds."</remarks>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection to a peer waits for its ConnectionBind.</summary>
    /// <remarks>
    /// RFC 6062 §5.2: "If no ConnectionBind request associated with this peer data connection is received after 30 seconds, the peer data
    /// connection MUST be closed."
    /// </remarks>
    public static readonly TimeSpan ConnectionBindTimeout = TimeSpan.FromSeconds(30);

    /// <summary>How long a server knows an old mobility ticket again.</summary>
    /// <remarks>
    /// RFC 8016 §3.2.2: "a server must retain the old STUN MOBILITY-TICKET attribute for a period of at least 30 seconds to be able to recognize
    /// a retransmission of the Refresh request with the old STUN MOBILITY-TICKET attribute from the client."
    /// </remarks>
    public static readonly TimeSpan TicketHold = TimeSpan.FromSeconds(30);

    /// <summary>Delta: by how much the clocks of an authorization server and a TURN server may differ.</summary>
    /// <remarks>RFC 7635 §7: "The RECOMMENDED value for the allowed Delta is 5 seconds."</remarks>
    public static readonly TimeSpan TokenDelta = TimeSpan.FromSeconds(5);
}
