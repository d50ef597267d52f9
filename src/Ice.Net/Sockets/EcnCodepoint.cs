namespace Ice.Net;

/// <summary>The two bits of Explicit Congestion Notification in an IP header (RFC 3168 §5).</summary>
public enum EcnCodepoint
{
    /// <summary>Not-ECT: the sender does not understand ECN.</summary>
    NotEct = 0,

    /// <summary>ECT(1): a transport that understands ECN; of L4S by RFC 9331.</summary>
    Ect1 = 1,

    /// <summary>ECT(0): a transport that understands ECN.</summary>
    Ect0 = 2,

    /// <summary>CE: a router on the way was congested.</summary>
    CongestionExperienced = 3,
}
