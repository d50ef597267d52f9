using System.Net;
using System.Net.Sockets;
using Ice.Core;
using Ice.Net;
using Microsoft.Extensions.Logging;
using Stun;

namespace Ice;

/// <summary>Resolves the servers' names, each on its own, and hands their addresses to the machine: a dead name delays nothing but the end of gathering.</summary>
internal sealed class ServerGatherer(IceAgentOptions options, AgentDriver driver, EventDispatcher events, ILogger logger, CancellationToken closing)
{
    private readonly INameResolver _resolver = options.NameResolver ?? NameResolver.Default;
    private Task _all = Task.CompletedTask;
    private int _nextServer;

    /// <summary>Starts all servers. Literal addresses are handed to the machine before this returns, and without names also the end.</summary>
    public void Start()
    {
        List<Task> names = [];
        foreach (StunUri uri in options.Servers.SelectMany(static server => server.Uris))
        {
            string url = uri.ToString();
            if (uri.Scheme != StunScheme.Stun)
                Fail(url, TimeSpan.Zero, "only stun: servers over UDP are used in this version; relays (turn:) and TLS are not.");
            else if (IPAddress.TryParse(uri.Host, out IPAddress? literal))
                AddLiteral(url, literal, uri.Port);
            else
                names.Add(Task.Run(() => ResolveAsync(url, uri), CancellationToken.None));
        }

        if (names.Count == 0)
            End();
        else
            _all = EndAfterAsync(names);
    }

    /// <summary>Waits for what is under way, after closing.</summary>
    public async ValueTask WaitAsync() => await _all.ConfigureAwait(false);

    private async Task EndAfterAsync(List<Task> names)
    {
        await Task.WhenAll(names).ConfigureAwait(false);
        End();
    }

    private async Task ResolveAsync(string url, StunUri uri)
    {
        long start = options.TimeProvider.GetTimestamp();
        using CancellationTokenSource timeout = new(options.GatheringTimeout, options.TimeProvider);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, closing);
#pragma warning disable CA1031 // a resolver of the application's may throw anything; the server is then of no use, and nothing more
        try
        {
            IReadOnlyList<IPAddress> addresses = await _resolver.ResolveAsync(uri.Host, stop.Token).WaitAsync(stop.Token).ConfigureAwait(false);
            if (!Add(url, addresses, uri.Port))
                Fail(url, options.TimeProvider.GetElapsedTime(start), $"'{uri.Host}' has no address of a family that the agent uses.");
        }
        catch (OperationCanceledException) when (!closing.IsCancellationRequested)
        {
            Fail(url, options.TimeProvider.GetElapsedTime(start), $"'{uri.Host}' was not resolved within {options.GatheringTimeout.TotalSeconds:0.#} s: check the name and the resolver.");
        }
        catch (Exception exception)
        {
            Fail(url, options.TimeProvider.GetElapsedTime(start), $"'{uri.Host}' was not resolved: {exception.Message}.");
        }
#pragma warning restore CA1031
    }

    private void AddLiteral(string url, IPAddress literal, int port)
    {
        if (!Add(url, [literal], port))
            Fail(url, TimeSpan.Zero, $"'{literal}' is of a family that the agent does not use (IceAgentOptions.IPv4, IPv6).");
    }

    private bool Add(string url, IReadOnlyList<IPAddress> addresses, int port)
    {
        bool added = false;
        using AgentDriver.Scope scope = driver.Enter();
        if (driver.IsClosed)
            return true;
        // One address of each family: the others of the name are the same server's.
        foreach (AddressFamily family in (ReadOnlySpan<AddressFamily>)[AddressFamily.InterNetworkV6, AddressFamily.InterNetwork])
        {
            bool wanted = family == AddressFamily.InterNetwork ? options.IPv4 : options.IPv6;
            if (!wanted || addresses.FirstOrDefault(address => address.AddressFamily == family) is not { } address)
                continue;
            driver.AddServer(new GatheringServer(_nextServer++, TransportAddress.FromIPAddress(address, port), url), scope.Now);
            added = true;
        }

        return added;
    }

    private void Fail(string url, TimeSpan elapsed, string reason)
    {
        if (closing.IsCancellationRequested)
            return;
        Log.ServerFailed(logger, url, reason);
        events.Post(new IceServerAnsweredEventArgs(url, null, null, false, elapsed, reason));
    }

    private void End()
    {
        using AgentDriver.Scope scope = driver.Enter();
        if (!driver.IsClosed)
            driver.Core.EndGatheringInputs(scope.Now);
    }
}
