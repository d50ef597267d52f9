using Ice.Core;

namespace Ice;

/// <summary>Where a server is, as the DNS tells: a host with addresses of its own, a port and a transport.</summary>
internal readonly record struct ServiceLocation(string Host, int Port, RelayTransport Transport);
