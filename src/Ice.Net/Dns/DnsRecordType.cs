namespace Ice.Net;

/// <summary>The record types that finding servers needs.</summary>
public enum DnsRecordType
{
    /// <summary>An IPv4 address (RFC 1035).</summary>
    A = 1,

    /// <summary>An IPv6 address (RFC 3596).</summary>
    Aaaa = 28,

    /// <summary>The location of a service (RFC 2782).</summary>
    Srv = 33,

    /// <summary>A naming authority pointer (RFC 3403).</summary>
    Naptr = 35,
}
