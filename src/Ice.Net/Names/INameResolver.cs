using System.Net;

namespace Ice.Net;

/// <summary>Finds the addresses of a host name: servers' names, and the names of remote candidates.</summary>
public interface INameResolver
{
    /// <summary>Finds the addresses of a name.</summary>
    /// <param name="name">The name, such as <c>stun.example.org</c> or <c>0b1c….local</c>.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    /// <returns>The addresses; empty when the name has none.</returns>
    /// <exception cref="System.Net.Sockets.SocketException">The name could not be resolved.</exception>
    Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken);
}
