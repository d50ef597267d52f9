using System.Net;

namespace Ice.Net;

/// <summary>A DNS record. A closed hierarchy: switch over the nested records.</summary>
/// <param name="Name">The name that it belongs to, in lower case, without the final dot.</param>
/// <param name="TimeToLive">How long it may be kept.</param>
public abstract record DnsRecord(string Name, TimeSpan TimeToLive)
{
    /// <summary>An address (A or AAAA).</summary>
    /// <param name="Name">The name.</param>
    /// <param name="TimeToLive">How long it may be kept.</param>
    /// <param name="Value">The address.</param>
    public sealed record Address(string Name, TimeSpan TimeToLive, IPAddress Value) : DnsRecord(Name, TimeToLive);

    /// <summary>The location of a service (SRV, RFC 2782).</summary>
    /// <param name="Name">The name.</param>
    /// <param name="TimeToLive">How long it may be kept.</param>
    /// <param name="Priority">Lower ones are tried first.</param>
    /// <param name="Weight">The share within a priority.</param>
    /// <param name="Port">The port.</param>
    /// <param name="Target">The host; empty when the service is decidedly not there.</param>
    public sealed record Service(string Name, TimeSpan TimeToLive, int Priority, int Weight, int Port, string Target) : DnsRecord(Name, TimeToLive);

    /// <summary>A naming authority pointer (NAPTR, RFC 3403).</summary>
    /// <param name="Name">The name.</param>
    /// <param name="TimeToLive">How long it may be kept.</param>
    /// <param name="Order">Lower ones are taken first.</param>
    /// <param name="Preference">The order within an order.</param>
    /// <param name="Flags">"S" leads to SRV records, "A" to addresses, "" to further pointers.</param>
    /// <param name="Services">The service and its protocols, such as <c>RELAY:turn.udp</c>.</param>
    /// <param name="Replacement">The name to go on with.</param>
    public sealed record Pointer(string Name, TimeSpan TimeToLive, int Order, int Preference, string Flags, string Services, string Replacement)
        : DnsRecord(Name, TimeToLive);
}
