namespace Ice.Net;

/// <summary>Asks the DNS for records: how servers are found behind a domain name (RFC 5928). Thread-safe.</summary>
public interface IDnsResolver
{
    /// <summary>Asks for the records of a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="type">The type.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The records of the type; empty when there are none, or the name does not exist.</returns>
    /// <exception cref="IOException">No name server answered, or none could say.</exception>
    Task<IReadOnlyList<DnsRecord>> QueryAsync(string name, DnsRecordType type, CancellationToken cancellationToken);
}
