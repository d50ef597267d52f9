using System.Net;
using Ice.Core;
using Microsoft.Extensions.Logging;
using Stun;

namespace Ice;

/// <summary>Resolves the servers' names, each on its own, and hands their addresses to the machine: a dead name delays nothing but the end of gathering.</summary>
internal sealed class ServerGatherer(IceAgentOptions options, AgentDriver driver, EventDispatcher events, ILogger logger, CancellationToken closing)
{
    private readonly BoundedResolver _resolver = new(options, closing);
    private Task _all = Task.CompletedTask;
    private int _nextServer;

    /// <summary>Starts all servers. Literal addresses are handed to the machine before this returns, and without names also the end.</summary>
    public void Start()
    {
        List<Task> names = [];
        foreach (IceServer server in options.Servers)
        {
            foreach (StunUri uri in server.Uris)
            {
                string url = uri.ToString();
                if (WhyUnusable(server, uri) is { } reason)
                    Fail(url, TimeSpan.Zero, reason);
                else if (IPAddress.TryParse(uri.Host, out IPAddress? literal))
                    AddLiteral(url, literal, uri.Port, RelayOf(server, uri));
                else
                    names.Add(Task.Run(() => ResolveAsync(url, uri, RelayOf(server, uri)), CancellationToken.None));
            }
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

    private static string? WhyUnusable(IceServer server, StunUri uri)
    {
        if (uri.IsSecure || uri.Transport != StunTransport.Udp)
            return "servers are reached over UDP only in this version; TCP and TLS are not.";
        return uri.IsTurn && (string.IsNullOrEmpty(server.Username) || string.IsNullOrEmpty(server.Credential))
            ? "a TURN server needs a username and a credential: set both in its IceServer."
            : null;
    }

    private RelaySettings? RelayOf(IceServer server, StunUri uri) => uri.IsTurn
        ? new RelaySettings(RelayTransport.Udp, new LongTermCredential(server.Username!, server.Credential!)) { IPv4 = options.IPv4, IPv6 = options.IPv6 }
        : null;

    private async Task ResolveAsync(string url, StunUri uri, RelaySettings? relay)
    {
        long start = options.TimeProvider.GetTimestamp();
        (IReadOnlyList<IPAddress> addresses, string? failure) = await _resolver.ResolveAsync(uri.Host).ConfigureAwait(false);
        if (failure is null)
            Add(url, addresses, uri.Port, relay);
        else
            Fail(url, options.TimeProvider.GetElapsedTime(start), failure);
    }

    private void AddLiteral(string url, IPAddress literal, int port, RelaySettings? relay)
    {
        if (options.Uses(literal))
            Add(url, [literal], port, relay);
        else
            Fail(url, TimeSpan.Zero, $"'{literal}' is of a family that the agent does not use (IceAgentOptions.IPv4, IPv6).");
    }

    private void Add(string url, IReadOnlyList<IPAddress> addresses, int port, RelaySettings? relay)
    {
        using AgentDriver.Scope scope = driver.Enter();
        if (driver.IsClosed)
            return;
        // One address of each family: the others of the name are the same server's.
        foreach (IPAddress address in addresses.DistinctBy(static address => address.AddressFamily))
        {
            var server = new GatheringServer(_nextServer++, TransportAddress.FromIPAddress(address, port).WithoutScope(), url) { Relay = relay };
            driver.AddServer(server, scope.Now);
        }
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
