using System.Net;
using System.Net.Sockets;
using Ice.Net;

namespace IceTool.Agents;

/// <summary>Resolves names, but no <c>.local</c> ones (<c>"mdns":false</c>): a peer that hides its address behind such a name is met by its own checks.</summary>
internal sealed class NoLocalNames : INameResolver
{
    public static NoLocalNames Instance { get; } = new();

    public Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken) =>
        name.EndsWith(".local", StringComparison.OrdinalIgnoreCase)
            ? Task.FromException<IReadOnlyList<IPAddress>>(new SocketException((int)SocketError.HostNotFound))
            : NameResolver.Default.ResolveAsync(name, cancellationToken);
}
