using Stun;
using Turn;

namespace IceTool.Turn;

/// <summary>A second allocation on the same server that sends back what comes: it needs no way to this machine but the one to the server.</summary>
internal sealed class RelayEcho : IEchoPeer
{
    private readonly TurnSession _session;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    private RelayEcho(TurnSession session)
    {
        _session = session;
        _running = RunAsync();
    }

    public TransportAddress Address => _session.Relayed;

    public string Kind => "a second relay";

    /// <exception cref="TurnSessionException">The server gives no second allocation, or does not relay to itself.</exception>
    public static async Task<RelayEcho> StartAsync(TurnEndpoint endpoint, TurnClientOptions options, TransportAddress client, CancellationToken cancellationToken)
    {
#pragma warning disable CA2000 // the echo, or ProbeEnd, disposes it
        TurnSession session = await TurnSession.AllocateAsync(endpoint, options, cancellationToken).ConfigureAwait(false);
#pragma warning restore CA2000
        try
        {
            _ = await session.BindAsync(client, cancellationToken).ConfigureAwait(false);
            return new RelayEcho(session);
        }
        catch
        {
            await ProbeEnd.CloseAsync(session).ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await ProbeEnd.CloseAsync(_session).ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        try
        {
            while (true)
            {
                TurnDatagram datagram = await _session.ReceiveAsync(_stop.Token).ConfigureAwait(false);
                await _session.SendAsync(datagram.Peer, datagram.Data, _stop.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception) when (exception is TurnSessionException or OperationCanceledException)
        {
            // It was stopped, or the server was lost: then the probe says that nothing comes back.
        }
    }
}
