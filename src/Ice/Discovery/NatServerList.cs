using System.Net;
using Ice.Core;
using Stun;

namespace Ice;

/// <summary>The addresses of the servers to ask, and why some have none.</summary>
internal sealed class NatServerList(NatDiscoveryOptions options)
{
    // A name with many addresses is one server more often than many.
    private const int MaxPerName = 4;

    private static readonly RelayTransport[] s_transports = [RelayTransport.Udp];

    public List<string> Problems { get; } = [];

    public async Task<IReadOnlyList<TransportAddress>> ResolveAsync(CancellationToken cancellationToken)
    {
        (TransportAddress[] Addresses, string? Problem)[] found =
            await Task.WhenAll(options.Servers.SelectMany(static s => s.Uris).Distinct().Select(uri => ResolveAsync(uri, cancellationToken))).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        Problems.AddRange(found.Select(static f => f.Problem).OfType<string>());
        return [.. found.SelectMany(static f => f.Addresses).Distinct()];
    }

    private async Task<(TransportAddress[] Addresses, string? Problem)> ResolveAsync(StunUri uri, CancellationToken cancellationToken)
    {
        if (uri.IsSecure || uri.Transport != StunTransport.Udp)
            return ([], $"{uri} is no server over UDP, which these tests are made of: take stun:.");
        if (TransportAddress.TryParse(uri.Host, uri.Port, out TransportAddress literal))
            return options.Uses(literal) ? ([literal], null) : ([], $"{uri} is of a family that is not probed (NatDiscoveryOptions.IPv4, IPv6).");
        var resolver = new BoundedResolver(
            new IceAgentOptions
            {
                IPv4 = options.IPv4,
                IPv6 = options.IPv6,
                GatheringTimeout = options.ResolutionTimeout,
                NameResolver = options.NameResolver,
                TimeProvider = options.TimeProvider,
            },
            cancellationToken);
        var addresses = new List<TransportAddress>();
        string? problem = null;
        foreach (ServiceLocation location in await LocateAsync(uri, cancellationToken).ConfigureAwait(false))
        {
            (IReadOnlyList<IPAddress> of, string? failure) = await resolver.ResolveAsync(location.Host).ConfigureAwait(false);
            problem ??= failure;
            foreach (IGrouping<bool, IPAddress> family in of.GroupBy(static a => a.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork))
                addresses.AddRange(family.Take(MaxPerName).Select(a => TransportAddress.FromIPAddress(a, location.Port).WithoutScope()));
        }

        return ([.. addresses], addresses.Count > 0 ? null : problem);
    }

    private async Task<IReadOnlyList<ServiceLocation>> LocateAsync(StunUri uri, CancellationToken cancellationToken)
    {
        ServiceLocation[] plain = [new ServiceLocation(uri.Host, uri.Port, RelayTransport.Udp)];
        if (options.ServiceResolver is not { } dns || uri.IsTurn)
            return plain;
        using CancellationTokenSource timeout = new(options.ResolutionTimeout, options.TimeProvider);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // RFC 5780 §5.1: "For the Behavior Discovery usage, the service name is "stun-behavior" for UDP and TCP."
            return await new ServiceResolution(dns, EntropySource.Secure, "_stun-behavior").ResolveAsync(uri, s_transports, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return plain;
        }
    }
}
