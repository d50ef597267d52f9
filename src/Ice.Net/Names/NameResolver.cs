using System.Net;

namespace Ice.Net;

/// <summary>Resolves names with the operating system's resolver. Thread-safe.</summary>
public sealed class NameResolver : INameResolver
{
    /// <summary>The only instance that is needed.</summary>
    public static NameResolver Default { get; } = new();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return await Dns.GetHostAddressesAsync(name, cancellationToken).ConfigureAwait(false);
    }
}
