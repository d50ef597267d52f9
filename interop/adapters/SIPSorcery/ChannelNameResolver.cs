using System.Net;
using Ice.Net;
using SIPSorcery.Net;

namespace Ice.SIPSorcery;

/// <summary>Resolves <c>.local</c> names as the application told SIPSorcery's channel to, if it did; and all names as the agent does otherwise.</summary>
internal sealed class ChannelNameResolver(RtpIceChannel channel, INameResolver next) : INameResolver
{
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken)
    {
        bool isLocal = name.EndsWith(".local", StringComparison.OrdinalIgnoreCase);
        if (isLocal && channel.MdnsGetAddresses is { } getAll)
            return await getAll(name).WaitAsync(cancellationToken).ConfigureAwait(false) ?? [];
        if (isLocal && channel.MdnsResolve is { } getOne)
            return await getOne(name).WaitAsync(cancellationToken).ConfigureAwait(false) is { } address ? [address] : [];
        return await next.ResolveAsync(name, cancellationToken).ConfigureAwait(false);
    }
}
