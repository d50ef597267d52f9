using System.Net;
using Ice.Core;
using Stun;

namespace Ice;

/// <summary>Resolves the servers' names, each on its own, and hands their addresses to the machine: a dead name delays nothing but the end of gathering.</summary>
internal sealed class ServerGatherer(IceAgent agent, AgentDriver driver)
{
    private const int MaxLocations = 3;

    private static readonly RelayTransport[] s_transports = [RelayTransport.Udp, RelayTransport.Tcp, RelayTransport.Tls];

    private readonly IceAgentOptions _options = agent.Options;
    private readonly CancellationToken _closing = agent.Closing;
    private BoundedResolver? _resolver;
    private int _nextServer;

    /// <summary>Starts all servers. Literal addresses are handed to the machine before this returns, and without names also the end.</summary>
    /// <returns>What to wait for after closing.</returns>
    public Task Start()
    {
        List<Task> names = [];
        foreach (IceServer server in _options.Servers)
        {
            foreach (StunUri uri in server.Uris)
            {
                string url = uri.ToString();
                if (WhyUnusable(server, uri) is { } reason)
                    Fail(url, TimeSpan.Zero, reason);
                else if (IPAddress.TryParse(uri.Host, out IPAddress? literal))
                    AddLiteral(url, literal, server, uri);
                else
                    AddName(names, url, server, uri);
            }
        }

        return EndAfterAsync(names);
    }

    private async Task EndAfterAsync(List<Task> names)
    {
        await Task.WhenAll(names).ConfigureAwait(false);
        driver.EndGatheringInputs();
    }

    private string? WhyUnusable(IceServer server, StunUri uri)
    {
        if (!uri.IsTurn)
            return uri.IsSecure ? "a stuns: server sees the address of a stream, and candidates need that of a UDP socket: use stun:, or turns: for a relay." : null;
        if (string.IsNullOrEmpty(server.Username) || string.IsNullOrEmpty(server.Credential))
            return "a TURN server needs a username and a credential: set both in its IceServer.";
        return TransportOf(uri) == RelayTransport.Dtls && _options.DatagramSecurity is null
            ? "DTLS to a server needs an implementation, which .NET does not have: set IceAgentOptions.DatagramSecurity, or use turns: without ?transport=udp (TLS)."
            : null;
    }

    private static RelayTransport TransportOf(StunUri uri) => (uri.IsSecure, uri.Transport) switch
    {
        (false, StunTransport.Udp) => RelayTransport.Udp,
        (false, _) => RelayTransport.Tcp,
        (true, StunTransport.Udp) => RelayTransport.Dtls,
        (true, _) => RelayTransport.Tls,
    };

    private async Task ResolveAsync(string url, IceServer server, StunUri uri)
    {
        long start = _options.TimeProvider.GetTimestamp();
        foreach (ServiceLocation location in await LocateAsync(uri).ConfigureAwait(false))
        {
            (IReadOnlyList<IPAddress> addresses, string? failure) = await _resolver!.ResolveAsync(location.Host).ConfigureAwait(false);
            if (failure is null)
                Add(url, new RelayTarget(server, uri, addresses, location.Port, location.Transport));
            else
                Fail(url, _options.TimeProvider.GetElapsedTime(start), failure);
        }
    }

    // Several at once, not one after the other: they delay nothing, and few are enough (docs/departures.md, RFC 5928 §3).
    private async Task<IReadOnlyList<ServiceLocation>> LocateAsync(StunUri uri)
    {
        ServiceLocation[] plain = [new ServiceLocation(uri.Host, uri.Port, TransportOf(uri))];
        if (_options.ServiceResolver is not { } dns || TransportOf(uri) == RelayTransport.Dtls)
            return plain;
        using CancellationTokenSource timeout = new(_options.GatheringTimeout, _options.TimeProvider);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _closing);
        try
        {
            var resolution = new ServiceResolution(dns, EntropySource.Secure);
            IReadOnlyList<ServiceLocation> found = await resolution.ResolveAsync(uri, s_transports, stop.Token).ConfigureAwait(false);
            return found.Count == 0 ? plain : [.. found.Distinct().Take(MaxLocations)];
        }
        catch (OperationCanceledException)
        {
            return plain;
        }
    }

    private void AddName(List<Task> names, string url, IceServer server, StunUri uri)
    {
        _resolver ??= new BoundedResolver(_options, _closing);
        names.Add(Task.Run(() => ResolveAsync(url, server, uri), CancellationToken.None));
    }

    private void AddLiteral(string url, IPAddress literal, IceServer server, StunUri uri)
    {
        if (_options.Uses(literal))
            Add(url, new RelayTarget(server, uri, [literal], uri.Port, TransportOf(uri)));
        else
            Fail(url, TimeSpan.Zero, $"'{literal}' is of a family that the agent does not use (IceAgentOptions.IPv4, IPv6).");
    }

    private void Add(string url, RelayTarget target)
    {
        RelaySettings? relay = !target.Uri.IsTurn ? null : new RelaySettings(target.Transport, new LongTermCredential(target.Server.Username!, target.Server.Credential!))
        {
            IPv4 = _options.IPv4,
            IPv6 = _options.IPv6,
        };
        // What a TURN server sends over UDP does not tell which agent of a port it is for, and it has one allocation for a port (RFC 8656 §2.2: the
        // "5-tuple").
        if (relay?.Transport == RelayTransport.Udp && _options.Mux is not null)
        {
            Fail(url, TimeSpan.Zero, "a TURN server over UDP needs a port for each agent, which a mux does not have: add ?transport=tcp to the URL, or use turns:.");
            return;
        }

        using AgentDriver.Scope scope = driver.Enter();
        if (driver.IsClosed)
            return;
        // One address of each family: the others of the name are the same server's, and tried where a stream cannot be opened.
        foreach (IPAddress address in target.Addresses.DistinctBy(static address => address.AddressFamily))
        {
            var server = new GatheringServer(_nextServer++, TransportAddress.FromIPAddress(address, target.Port).WithoutScope(), url) { Relay = relay };
            driver.Streams.AddTarget(server.Id, target);
            driver.AddServer(server, scope.Now);
        }
    }

    private void Fail(string url, TimeSpan elapsed, string reason)
    {
        if (_closing.IsCancellationRequested)
            return;
        Log.ServerFailed(agent.Logger, url, reason);
        agent.Events.Post(new IceServerAnsweredEventArgs(url, null, null, false, elapsed, reason));
    }
}
