using System.Net;
using Ice.Core;
using Ice.Net;
using Microsoft.Extensions.Logging;
using Stun;

namespace Ice;

/// <content>Addresses of the host that come and go while the agent lives.</content>
public sealed partial class IceAgent
{
    private InterfaceWatch? _watch;
    private Task _removing = Task.CompletedTask;

    /// <summary>Local addresses came or went: the system has said so (<see cref="IceAgentOptions.WatchInterfaces"/>), or a look at them has shown it.</summary>
    public event EventHandler<IceInterfacesChangedEventArgs>? InterfacesChanged;

    /// <summary>
    /// Looks at the host's addresses again: sockets are opened on new ones, and those on addresses that have gone are given up at once
    /// (RFC 8445 §5.1.1.4). <see cref="RestartAsync(CancellationToken)"/> does so by itself, and so does the agent whenever the system says that
    /// something has changed, where <see cref="IceAgentOptions.WatchInterfaces"/> is set.
    /// </summary>
    /// <remarks>
    /// A component whose pair was on an address that has gone stops sending, with <see cref="IceFailureReason.InterfaceLost"/>, instead of
    /// noticing it half a minute later by the answers that do not come. New addresses are used by the session as long as it gathers, and
    /// else by the next one: restart ICE. Addresses given as <see cref="IceAgentOptions.BindAddresses"/> are only tried anew where
    /// they could not be bound; an agent at a mux (<see cref="IceAgentOptions.Mux"/>) has the mux's addresses. Sockets are opened on the calling thread.
    /// </remarks>
    /// <returns>Whether something has changed: <see cref="InterfacesChanged"/> tells what. False also before gathering has started.</returns>
    /// <exception cref="ObjectDisposedException">The agent was disposed.</exception>
    public bool RefreshInterfaces()
    {
        using (EnterOpen())
        {
            if (!_gatheringStarted || _mux is not null)
                return false;
        }

        // One look at a time: the array is nobody else's.
        lock (_components)
            return Refresh();
    }

    /// <summary>As <see cref="RefreshInterfaces"/>, where nobody waits for it to succeed.</summary>
    private void TryRefreshInterfaces()
    {
#pragma warning disable CA1031 // what lists addresses and opens sockets may be the application's, and throw anything: the agent goes on with what it has
        try
        {
            RefreshInterfaces();
        }
        catch (ObjectDisposedException)
        {
            // The agent has ended meanwhile.
        }
        catch (Exception exception)
        {
            Log.InterfacesUnknown(_logger, exception);
        }
#pragma warning restore CA1031
    }

    private void WatchInterfaces()
    {
        if (!_options.WatchInterfaces || _mux is not null)
            return;
        using AgentDriver.Scope scope = _driver.Enter();
        // Who closes the agent ends what was begun before, and nothing is begun after.
        if (!_driver.IsClosed)
            _watch = new InterfaceWatch(_options.AddressChanges ?? SystemAddressChanges.Instance, _options.TimeProvider, TryRefreshInterfaces);
    }

    private bool Refresh()
    {
        IReadOnlyList<HostAddress> listed = HostGatherer.List(_options);
        HashSet<(TransportAddress Address, IceComponent Component)> used;
        using (_driver.Enter())
            used = [.. _driver.Transports.Select(static transport => (transport.HostAddress, transport.Component))];
        List<HostSocket> sockets = HostGatherer.Open(
            _options, HostGatherer.Select(listed, _options), _components, (address, component) => !used.Contains((AddressOf(address), component)), _logger);
        List<LocalTransport> added;
        List<LocalTransport> removed;
        using (AgentDriver.Scope scope = _driver.Enter())
        {
            if (_driver.IsClosed)
            {
                sockets.ForEach(static socket => socket.Socket.Dispose());
                return false;
            }

            removed = RemoveGone(listed, scope.Now);
            added = AddTransports(sockets, scope.Now);
        }

        if (added.Count == 0 && removed.Count == 0)
            return false;
        added.ForEach(static transport => transport.Start());
        _removing = Task.WhenAll([_removing, .. removed.Select(static transport => transport.DisposeAsync().AsTask())]);
        IceInterfacesChangedEventArgs changed = new(AddressesOf(added), AddressesOf(removed));
        Log.InterfacesChanged(_logger, changed.Added.Count, changed.Removed.Count);
        if (_logger.IsEnabled(LogLevel.Debug))
            Log.AddressesChanged(_logger, string.Join(", ", changed.Added), string.Join(", ", changed.Removed));
        Events.Post(changed);
        return true;
    }

    /// <summary>Takes the sockets whose address is not the host's any more. Called under the driver's lock; the caller closes them.</summary>
    private List<LocalTransport> RemoveGone(IReadOnlyList<HostAddress> listed, Instant now)
    {
        // Where the application has named the addresses nobody knows which of them are the host's.
        if (_options.BindAddresses.Count > 0)
            return [];
        HashSet<TransportAddress> present = [.. listed.Select(AddressOf)];
        List<LocalTransport> gone = [.. _driver.Transports.Where(transport => !present.Contains(transport.HostAddress))];
        foreach (LocalTransport transport in gone)
            _driver.RemoveBase(transport.Id, now);
        return _driver.TakeTransports(gone.Select(static transport => transport.Id));
    }

    private static TransportAddress AddressOf(HostAddress address) => TransportAddress.FromIPAddress(address.Address, 0).WithoutScope();

    private static IPAddress[] AddressesOf(List<LocalTransport> transports) => [.. transports.Select(static transport => transport.LocalEndPoint.Address).Distinct()];
}
