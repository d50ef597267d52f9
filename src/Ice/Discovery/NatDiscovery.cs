using System.Net.Sockets;
using Ice.Net;
using Microsoft.Extensions.Logging;
using Stun;

namespace Ice;

/// <summary>Finds out how the NATs behave behind which this host is (RFC 5780, in the words of RFC 4787), over real sockets.</summary>
/// <remarks>
/// For diagnosis, and for choosing among ways to traverse; ICE needs none of it. What it finds is the behavior of the moment (RFC 5780 §4), and a
/// server or anybody on the path can feign it: nothing is authenticated. Thread-safe.
/// </remarks>
public static class NatDiscovery
{
    private const int MaxAddresses = 8;

    private static readonly TimeSpan s_connectTimeout = TimeSpan.FromSeconds(4);

    /// <summary>Probes from every local address, all at the same time.</summary>
    /// <param name="options">What to find out.</param>
    /// <param name="progress">Hears of each test that begins and ends; null for none.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ArgumentException">The options cannot be; the message says which and why. Thrown before anything is sent.</exception>
    /// <exception cref="OperationCanceledException">The token ended it; what was found until then was told to <paramref name="progress"/>.</exception>
    public static Task<NatDiscoveryResult> RunAsync(NatDiscoveryOptions options, IProgress<NatDiscoveryProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        // On the caller's thread, as gathering is.
        return RunAsync(options, SelectAddresses(options), progress, cancellationToken);
    }

    private static async Task<NatDiscoveryResult> RunAsync(
        NatDiscoveryOptions options, IReadOnlyList<HostAddress> addresses, IProgress<NatDiscoveryProgress>? progress, CancellationToken cancellationToken)
    {
        ILogger logger = options.LoggerFactory.CreateLogger("Ice.NatDiscovery");
        var list = new NatServerList(options);
        IReadOnlyList<TransportAddress> servers = await list.ResolveAsync(cancellationToken).ConfigureAwait(false);
        List<(HostAddress Address, TransportAddress[] Servers)> probes = [.. addresses.Select(a => (a, ServersFor(a, servers))).Where(p => p.Item2.Length > 0 || !p.a.IsLoopback)];
        int running = probes.Count(static p => p.Servers.Length > 0);
        NatInterfaceBehavior[] found = await Task.WhenAll(probes.Select(async p =>
        {
            NatBehavior behavior = p.Servers.Length == 0
                ? NatBehavior.Unknown(LocalOf(p.Address), $"No server has an address that could be asked from {p.Address.Address}.")
                : await ProbeAsync(options, p.Address, options.ToProbeOptions(p.Servers, running), progress, logger, cancellationToken).ConfigureAwait(false);
            return new NatInterfaceBehavior(p.Address.InterfaceName, p.Address.Address, behavior);
        })).ConfigureAwait(false);
        bool blocked = Array.Exists(found, static f => f.Behavior.UdpBlocked) && !Array.Exists(found, static f => f.Behavior.Servers.Any(static s => s.Answered || s.Code != 0));
        return new NatDiscoveryResult
        {
            Interfaces = found,
            IPv6 = IPv6Finding(found, servers),
            UdpBlocked = blocked,
            ReachedOverTcp = blocked && options.SocketFactory is null ? await ConnectAsync(options, servers, cancellationToken).ConfigureAwait(false) : null,
            Problems = list.Problems,
        };
    }

    private static async Task<NatBehavior> ProbeAsync(
        NatDiscoveryOptions options, HostAddress address, NatProbeOptions probe, IProgress<NatDiscoveryProgress>? progress, ILogger logger, CancellationToken cancellationToken)
    {
        var run = new NatProbeRun(options, address, probe, logger);
        await using (run.ConfigureAwait(false))
        {
            return await run.RunAsync(
                news =>
                {
                    if (news is NatProbeEvent.StepStarted started)
                        progress?.Report(new NatDiscoveryProgress(address.InterfaceName, address.Address, started.Step, null));
                    else if (news is NatProbeEvent.StepEnded ended)
                        progress?.Report(new NatDiscoveryProgress(address.InterfaceName, address.Address, ended.Step, ended.SoFar));
                },
                cancellationToken).ConfigureAwait(false);
        }
    }

    private static IReadOnlyList<HostAddress> SelectAddresses(NatDiscoveryOptions options)
    {
        IReadOnlyList<HostAddress> selected = options.BindAddresses.Count > 0
            ? [.. options.BindAddresses.Select(static a => new HostAddress { Address = a, IsLoopback = System.Net.IPAddress.IsLoopback(a) })]
            : HostAddressSelection.Select(options.InterfaceLister?.Invoke() ?? HostAddresses.List(), options.IncludeLoopback);
        return
        [
            .. selected
                .Where(a => options.Uses(LocalOf(a)) && !LocalOf(a).IsLinkLocal && (options.InterfaceFilter?.Invoke(a.InterfaceName) ?? true))
                .OrderBy(static a => a.Address.AddressFamily != AddressFamily.InterNetwork)
                .Take(MaxAddresses),
        ];
    }

    // Silence over UDP is the network's doing where the servers are there over TCP; it may be theirs where they are not.
    private static async Task<bool> ConnectAsync(NatDiscoveryOptions options, IReadOnlyList<TransportAddress> servers, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = new(s_connectTimeout, options.TimeProvider);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            (await StreamConnector.ConnectAsync(null, [.. servers.Select(static s => s.ToIPEndPoint())], options.TimeProvider, stop.Token).ConfigureAwait(false)).Dispose();
            return true;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            return false;
        }
    }

    // From a loopback address servers on this host can be reached, and no others.
    private static TransportAddress[] ServersFor(HostAddress local, IReadOnlyList<TransportAddress> servers) =>
        [.. servers.Where(s => s.SameFamily(LocalOf(local)) && s.IsLoopback == LocalOf(local).IsLoopback).Take(NatProbeOptions.MaxServers)];

    private static TransportAddress LocalOf(HostAddress address) => TransportAddress.FromIPAddress(address.Address, 0);

    private static NatFinding<bool> IPv6Finding(NatInterfaceBehavior[] found, IReadOnlyList<TransportAddress> servers)
    {
        NatInterfaceBehavior[] six = Array.FindAll(found, static f => f.Address.AddressFamily == AddressFamily.InterNetworkV6);
        if (six.Length == 0)
            return new(false, "No interface that was probed has an IPv6 address.");
        if (!servers.Any(static s => s.IsIPv6))
            return new(null, "No server has an IPv6 address.");
        return Array.Exists(six, static f => f.Behavior.Servers.Any(static s => s.Answered)) ? new(true) : new(false, "No server answered over IPv6.");
    }
}
