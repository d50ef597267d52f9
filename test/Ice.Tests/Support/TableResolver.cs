using System.Net;
using System.Net.Sockets;
using Ice.Net;

namespace Ice.Tests;

/// <summary>A resolver over a table; other names do not exist.</summary>
internal sealed class TableResolver(params (string Name, string Address)[] table) : INameResolver
{
    public Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        IPAddress[] found = [.. table.Where(entry => entry.Name == name).Select(static entry => IPAddress.Parse(entry.Address))];
        return found.Length > 0
            ? Task.FromResult<IReadOnlyList<IPAddress>>(found)
            : Task.FromException<IReadOnlyList<IPAddress>>(new SocketException((int)SocketError.HostNotFound));
    }
}
