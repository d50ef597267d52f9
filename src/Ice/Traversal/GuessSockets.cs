using System.Collections.Immutable;
using Ice.Core;
using Ice.Net;
using Microsoft.Extensions.Logging;

namespace Ice;

/// <summary>Opens the many sockets of <see cref="IceTraversalOptions.GuessSockets"/> and closes them again: one after the other, and never under the driver's lock.</summary>
internal sealed class GuessSockets(IceAgentOptions options, AgentDriver driver, ILogger logger)
{
    private Task _last = Task.CompletedTask;

    /// <summary>Begins to open sockets. Called under the driver's lock.</summary>
    public void Open(IceEvent.OpenGuessBases wanted)
    {
        if (driver.FindTransport(wanted.From) is { } from)
            _last = After(_last, () => OpenAll(from, wanted.Count));
    }

    /// <summary>Begins to close sockets. Called under the driver's lock.</summary>
    public void Close(ImmutableArray<BaseId> bases)
    {
        List<LocalTransport> removed = driver.TakeTransports(bases);
        _last = After(_last, async () =>
        {
            foreach (LocalTransport transport in removed)
                await transport.DisposeAsync().ConfigureAwait(false);
        });
    }

    /// <summary>Waits for what is under way, after closing: no socket is opened any more.</summary>
    public Task WaitAsync()
    {
        using (driver.Enter())
            return _last;
    }

    private static async Task After(Task before, Func<Task> action)
    {
        await before.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await action().ConfigureAwait(false);
    }

    private Task OpenAll(LocalTransport from, int count)
    {
        HostAddress address = new() { Address = from.LocalEndPoint.Address, InterfaceName = from.InterfaceName };
        LocalTransport? opened = null;
        for (int i = 0; i < count; i++)
        {
#pragma warning disable CA1031 // a factory of the application's may throw anything; fewer sockets do with less chance
            try
            {
                opened = OpenOne(address, from.Component, opened);
            }
            catch (Exception exception)
            {
                Log.GuessSocketFailed(logger, exception);
                opened = null;
            }
#pragma warning restore CA1031
            if (opened is null)
                break;
            opened.Start();
        }

        return Task.CompletedTask;
    }

    private LocalTransport? OpenOne(HostAddress address, IceComponent component, LocalTransport? before)
    {
        if (HostGatherer.TryBind(address, options, logger) is not { } socket)
            return null;
        using AgentDriver.Scope scope = driver.Enter();
        // The agent is closed, or the sockets are of no use any more.
        if (driver.IsClosed || (before is not null && driver.FindTransport(before.Id) is null))
        {
            socket.Dispose();
            return null;
        }

        LocalTransport transport = new(driver.NextBaseId(), component, socket, address.InterfaceName, driver, options) { OpenedFor = before?.OpenedFor };
        driver.AddBase(transport, new BaseTraits { InterfaceName = address.InterfaceName, ForGuessing = true }, scope.Now);
        return transport;
    }
}
