namespace Stun;

/// <summary>The attribute types of the IANA registry "STUN Attributes". Numbers without a name here are possible.</summary>
/// <remarks>
/// 0x0000 to 0x7FFF are comprehension-required: an agent that does not know one cannot process the message. 0x8000 to 0xFFFF are
/// comprehension-optional: an agent that does not know one ignores it (RFC 8489 §14). libwebrtc's first renomination uses 0xC001
/// (<see cref="EnfFlowDescription"/> in the registry) as GOOG-NOMINATION.
/// </remarks>
public enum StunAttributeType : ushort
{
    /// <summary>MAPPED-ADDRESS (RFC 8489 §14.1): an address.</summary>
    MappedAddress = 0x0001,

    /// <summary>Reserved; was RESPONSE-ADDRESS prior to RFC 5389.</summary>
    ResponseAddress = 0x0002,

    /// <summary>CHANGE-REQUEST (RFC 5780 §7.2).</summary>
    ChangeRequest = 0x0003,

    /// <summary>Reserved; was SOURCE-ADDRESS prior to RFC 5389.</summary>
    SourceAddress = 0x0004,

    /// <summary>Reserved; was CHANGED-ADDRESS prior to RFC 5389.</summary>
    ChangedAddress = 0x0005,

    /// <summary>USERNAME (RFC 8489 §14.3): UTF-8 text.</summary>
    Username = 0x0006,

    /// <summary>Reserved; was PASSWORD prior to RFC 5389.</summary>
    Password = 0x0007,

    /// <summary>MESSAGE-INTEGRITY (RFC 8489 §14.5): an HMAC-SHA1, 20 bytes.</summary>
    MessageIntegrity = 0x0008,

    /// <summary>ERROR-CODE (RFC 8489 §14.8).</summary>
    ErrorCode = 0x0009,

    /// <summary>UNKNOWN-ATTRIBUTES (RFC 8489 §14.13): a list of 16-bit attribute types.</summary>
    UnknownAttributes = 0x000A,

    /// <summary>Reserved; was REFLECTED-FROM prior to RFC 5389.</summary>
    ReflectedFrom = 0x000B,

    /// <summary>CHANNEL-NUMBER (RFC 8656).</summary>
    ChannelNumber = 0x000C,

    /// <summary>LIFETIME (RFC 8656): seconds, 32 bits.</summary>
    Lifetime = 0x000D,

    /// <summary>Reserved; was BANDWIDTH (RFC 8656).</summary>
    Bandwidth = 0x0010,

    /// <summary>XOR-PEER-ADDRESS (RFC 8656): an obfuscated address.</summary>
    XorPeerAddress = 0x0012,

    /// <summary>DATA (RFC 8656): bytes.</summary>
    Data = 0x0013,

    /// <summary>REALM (RFC 8489 §14.9): UTF-8 text.</summary>
    Realm = 0x0014,

    /// <summary>NONCE (RFC 8489 §14.10): UTF-8 text.</summary>
    Nonce = 0x0015,

    /// <summary>XOR-RELAYED-ADDRESS (RFC 8656): an obfuscated address.</summary>
    XorRelayedAddress = 0x0016,

    /// <summary>REQUESTED-ADDRESS-FAMILY (RFC 8656).</summary>
    RequestedAddressFamily = 0x0017,

    /// <summary>EVEN-PORT (RFC 8656).</summary>
    EvenPort = 0x0018,

    /// <summary>REQUESTED-TRANSPORT (RFC 8656).</summary>
    RequestedTransport = 0x0019,

    /// <summary>DONT-FRAGMENT (RFC 8656): empty.</summary>
    DontFragment = 0x001A,

    /// <summary>ACCESS-TOKEN (RFC 7635).</summary>
    AccessToken = 0x001B,

    /// <summary>MESSAGE-INTEGRITY-SHA256 (RFC 8489 §14.6): an HMAC-SHA256, 16 to 32 bytes.</summary>
    MessageIntegritySha256 = 0x001C,

    /// <summary>PASSWORD-ALGORITHM (RFC 8489 §14.12).</summary>
    PasswordAlgorithm = 0x001D,

    /// <summary>USERHASH (RFC 8489 §14.4): 32 bytes.</summary>
    UserHash = 0x001E,

    /// <summary>XOR-MAPPED-ADDRESS (RFC 8489 §14.2): an obfuscated address.</summary>
    XorMappedAddress = 0x0020,

    /// <summary>Reserved; was TIMER-VAL (RFC 8656).</summary>
    TimerVal = 0x0021,

    /// <summary>RESERVATION-TOKEN (RFC 8656): 8 bytes.</summary>
    ReservationToken = 0x0022,

    /// <summary>PRIORITY (RFC 8445 §16.1): 32 bits.</summary>
    Priority = 0x0024,

    /// <summary>USE-CANDIDATE (RFC 8445 §16.1): empty.</summary>
    UseCandidate = 0x0025,

    /// <summary>PADDING (RFC 5780 §7.6): bytes.</summary>
    Padding = 0x0026,

    /// <summary>RESPONSE-PORT (RFC 5780 §7.5).</summary>
    ResponsePort = 0x0027,

    /// <summary>CONNECTION-ID (RFC 6062): 32 bits.</summary>
    ConnectionId = 0x002A,

    /// <summary>NOMINATION as draft-thatcher-tsvwg-renomination asks for it (32 bits); the registry has it as reserved.</summary>
    Nomination = 0x0030,

    /// <summary>ADDITIONAL-ADDRESS-FAMILY (RFC 8656).</summary>
    AdditionalAddressFamily = 0x8000,

    /// <summary>ADDRESS-ERROR-CODE (RFC 8656).</summary>
    AddressErrorCode = 0x8001,

    /// <summary>PASSWORD-ALGORITHMS (RFC 8489 §14.11): a list of algorithms.</summary>
    PasswordAlgorithms = 0x8002,

    /// <summary>ALTERNATE-DOMAIN (RFC 8489 §14.16): a DNS name.</summary>
    AlternateDomain = 0x8003,

    /// <summary>ICMP (RFC 8656).</summary>
    Icmp = 0x8004,

    /// <summary>SOFTWARE (RFC 8489 §14.14): UTF-8 text.</summary>
    Software = 0x8022,

    /// <summary>ALTERNATE-SERVER (RFC 8489 §14.15): an address.</summary>
    AlternateServer = 0x8023,

    /// <summary>TRANSACTION_TRANSMIT_COUNTER (RFC 7982).</summary>
    TransactionTransmitCounter = 0x8025,

    /// <summary>CACHE-TIMEOUT (RFC 5780).</summary>
    CacheTimeout = 0x8027,

    /// <summary>FINGERPRINT (RFC 8489 §14.7): a CRC-32.</summary>
    Fingerprint = 0x8028,

    /// <summary>ICE-CONTROLLED (RFC 8445 §16.1): 64 bits.</summary>
    IceControlled = 0x8029,

    /// <summary>ICE-CONTROLLING (RFC 8445 §16.1): 64 bits.</summary>
    IceControlling = 0x802A,

    /// <summary>RESPONSE-ORIGIN (RFC 5780 §7.3): an address.</summary>
    ResponseOrigin = 0x802B,

    /// <summary>OTHER-ADDRESS (RFC 5780 §7.4): an address.</summary>
    OtherAddress = 0x802C,

    /// <summary>ECN-CHECK STUN (RFC 6679).</summary>
    EcnCheckStun = 0x802D,

    /// <summary>THIRD-PARTY-AUTHORIZATION (RFC 7635).</summary>
    ThirdPartyAuthorization = 0x802E,

    /// <summary>MOBILITY-TICKET (RFC 8016).</summary>
    MobilityTicket = 0x8030,

    /// <summary>CISCO-STUN-FLOWDATA.</summary>
    CiscoStunFlowdata = 0xC000,

    /// <summary>ENF-FLOW-DESCRIPTION.</summary>
    EnfFlowDescription = 0xC001,

    /// <summary>ENF-NETWORK-STATUS.</summary>
    EnfNetworkStatus = 0xC002,

    /// <summary>CISCO-WEBEX-FLOW-INFO.</summary>
    CiscoWebexFlowInfo = 0xC003,

    /// <summary>CITRIX-TRANSACTION-ID.</summary>
    CitrixTransactionId = 0xC056,

    /// <summary>GOOG-NETWORK-INFO: network id and network cost, 32 bits (draft-thatcher-ice-network-cost §5).</summary>
    GoogNetworkInfo = 0xC057,

    /// <summary>GOOG-LAST-ICE-CHECK-RECEIVED.</summary>
    GoogLastIceCheckReceived = 0xC058,

    /// <summary>GOOG-MISC-INFO.</summary>
    GoogMiscInfo = 0xC059,

    /// <summary>GOOG-OBSOLETE-1.</summary>
    GoogObsolete1 = 0xC05A,

    /// <summary>GOOG-CONNECTION-ID.</summary>
    GoogConnectionId = 0xC05B,

    /// <summary>GOOG-DELTA.</summary>
    GoogDelta = 0xC05C,

    /// <summary>GOOG-DELTA-ACK.</summary>
    GoogDeltaAck = 0xC05D,

    /// <summary>GOOG-DELTA-SYNC-REQ.</summary>
    GoogDeltaSyncReq = 0xC05E,

    /// <summary>GOOG-MESSAGE-INTEGRITY-32.</summary>
    GoogMessageIntegrity32 = 0xC060,

    /// <summary>META-DTLS-IN-STUN.</summary>
    MetaDtlsInStun = 0xC070,

    /// <summary>META-DTLS-IN-STUN-ACKNOWLEDGEMENT.</summary>
    MetaDtlsInStunAcknowledgement = 0xC071,
}
