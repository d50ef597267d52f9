using System.Net;

namespace Ice.Net;

/// <summary>Resolves names: IP literals at once, <c>.local</c> names by multicast DNS, all others by the operating system's resolver. Thread-safe.</summary>
public sealed class NameResolver : INameResolver
{
    private readonly INameResolver _multicast;

    /// <summary>Creates a resolver.</summary>
    /// <param name="multicast">What resolves <c>.local</c> names; null is an <see cref="MdnsResolver"/>.</param>
    public NameResolver(INameResolver? multicast = null) => _multicast = multicast ?? new MdnsResolver();

    /// <summary>The usual resolver.</summary>
    public static NameResolver Default { get; } = new();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (IPAddress.TryParse(name, out IPAddress? literal))
            return [literal];
        return MdnsMessage.IsLocalName(name)
            ? await _multicast.ResolveAsync(name, cancellationToken).ConfigureAwait(false)
            : await Dns.GetHostAddressesAsync(name, cancellationToken).ConfigureAwait(false);
    }
}
