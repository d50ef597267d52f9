using System.Net;

namespace Ice;

/// <summary>Local addresses came or went while the agent lived (RFC 8445 §5.1.1.4).</summary>
/// <param name="added">Addresses that the agent has opened sockets on.</param>
/// <param name="removed">Addresses that it has given up.</param>
public sealed class IceInterfacesChangedEventArgs(IReadOnlyList<IPAddress> added, IReadOnlyList<IPAddress> removed) : EventArgs
{
    /// <summary>
    /// The addresses that the agent has opened sockets on. While gathering is under way their candidates are told like any other; afterwards
    /// they are candidates of the next session: <see cref="IceAgent.RestartAsync(CancellationToken)"/> begins it.
    /// </summary>
    public IReadOnlyList<IPAddress> Added { get; } = added;

    /// <summary>The addresses that are the host's no more: their sockets are closed, and so are the paths that began there.</summary>
    public IReadOnlyList<IPAddress> Removed { get; } = removed;
}
