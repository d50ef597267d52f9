namespace Ice.Net;

/// <summary>What a name server answered.</summary>
/// <param name="Code">RCODE: 0 is success, 3 says that the name does not exist.</param>
/// <param name="IsTruncated">Whether the whole answer needs TCP.</param>
/// <param name="Records">The records of the type that was asked for.</param>
internal sealed record DnsResponse(int Code, bool IsTruncated, IReadOnlyList<DnsRecord> Records);
