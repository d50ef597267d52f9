namespace Stun;

/// <summary>The codes of the IANA registry "STUN Error Codes".</summary>
public static class StunErrorCode
{
    /// <summary>The client should contact an alternate server for this request (RFC 8489 §14.8).</summary>
    public const int TryAlternate = 300;

    /// <summary>The request was malformed (RFC 8489 §14.8).</summary>
    public const int BadRequest = 400;

    /// <summary>The request did not contain the correct credentials to proceed (RFC 8489 §14.8).</summary>
    public const int Unauthenticated = 401;

    /// <summary>The request was valid but is forbidden (RFC 8656 §19).</summary>
    public const int Forbidden = 403;

    /// <summary>The server does not allow mobility (RFC 8016).</summary>
    public const int MobilityForbidden = 405;

    /// <summary>The message holds a comprehension-required attribute that was not understood (RFC 8489 §14.8).</summary>
    public const int UnknownAttribute = 420;

    /// <summary>An allocation exists where none should, or the other way round (RFC 8656 §19).</summary>
    public const int AllocationMismatch = 437;

    /// <summary>The NONCE was no longer valid (RFC 8489 §14.8).</summary>
    public const int StaleNonce = 438;

    /// <summary>The server does not support the requested address family (RFC 8656 §19).</summary>
    public const int AddressFamilyNotSupported = 440;

    /// <summary>The credentials are not those of the allocation (RFC 8656 §19).</summary>
    public const int WrongCredentials = 441;

    /// <summary>The server does not relay over the requested transport protocol (RFC 8656 §19).</summary>
    public const int UnsupportedTransportProtocol = 442;

    /// <summary>The peer's address family is not the allocation's (RFC 8656 §19).</summary>
    public const int PeerAddressFamilyMismatch = 443;

    /// <summary>A TCP connection to the peer exists (RFC 6062).</summary>
    public const int ConnectionAlreadyExists = 446;

    /// <summary>The TCP connection to the peer could not be made (RFC 6062).</summary>
    public const int ConnectionTimeoutOrFailure = 447;

    /// <summary>The user has as many allocations as allowed (RFC 8656 §19).</summary>
    public const int AllocationQuotaReached = 486;

    /// <summary>Both agents have the same role (RFC 8445 §7.3.1.1).</summary>
    public const int RoleConflict = 487;

    /// <summary>The server suffered a temporary error (RFC 8489 §14.8).</summary>
    public const int ServerError = 500;

    /// <summary>The server has no capacity left (RFC 8656 §19).</summary>
    public const int InsufficientCapacity = 508;

    /// <summary>The least number of an error code.</summary>
    public const int Min = 300;

    /// <summary>The greatest number of an error code.</summary>
    public const int Max = 699;

    /// <summary>The reason phrase that the registry recommends, or one for the hundred when the code is not registered.</summary>
    public static string DefaultReason(int code) => code switch
    {
        TryAlternate => "Try Alternate",
        BadRequest => "Bad Request",
        Unauthenticated => "Unauthenticated",
        Forbidden => "Forbidden",
        MobilityForbidden => "Mobility Forbidden",
        UnknownAttribute => "Unknown Attribute",
        AllocationMismatch => "Allocation Mismatch",
        StaleNonce => "Stale Nonce",
        AddressFamilyNotSupported => "Address Family not Supported",
        WrongCredentials => "Wrong Credentials",
        UnsupportedTransportProtocol => "Unsupported Transport Protocol",
        PeerAddressFamilyMismatch => "Peer Address Family Mismatch",
        ConnectionAlreadyExists => "Connection Already Exists",
        ConnectionTimeoutOrFailure => "Connection Timeout or Failure",
        AllocationQuotaReached => "Allocation Quota Reached",
        RoleConflict => "Role Conflict",
        ServerError => "Server Error",
        InsufficientCapacity => "Insufficient Capacity",
        >= 300 and < 400 => "Redirected",
        >= 400 and < 500 => "Request Refused",
        >= 500 and < 600 => "Server Error",
        _ => "Failure",
    };
}
