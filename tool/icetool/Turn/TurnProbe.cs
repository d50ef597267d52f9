using System.Diagnostics;
using Stun;

namespace IceTool.Turn;

/// <summary>Tries a TURN server over one transport: allocates, sends data through the relay to a peer and back, measures.</summary>
internal static class TurnProbe
{
    /// <summary>Tries it. What fails is in the result.</summary>
    /// <param name="endpoint">The server and the transport.</param>
    /// <param name="settings">How.</param>
    /// <param name="cancellationToken">Ends it: then an <see cref="OperationCanceledException"/> comes.</param>
    public static async Task<TurnProbeResult> RunAsync(TurnEndpoint endpoint, TurnProbeSettings settings, CancellationToken cancellationToken)
    {
        var result = new TurnProbeResult(endpoint.Path, endpoint.Address.ToString());
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(settings.Timeout + settings.Throughput);
        var clock = Stopwatch.StartNew();
        TurnSession? session = null;
        try
        {
            session = await TurnSession.AllocateAsync(endpoint, settings.Client, limit.Token).ConfigureAwait(false);
            result = result with
            {
                Allocated = clock.Elapsed,
                Relayed = session.Relayed,
                Mapped = session.Allocation.Mapped,
                Lifetime = session.Allocation.Lifetime,
                Local = session.Local,
            };
            return await RelayAsync(session, endpoint, settings, result, limit.Token).ConfigureAwait(false);
        }
        catch (TurnSessionException exception)
        {
            return result with { Reason = exception.Message, Code = exception.Code };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return result with { Reason = session is null ? Silence(endpoint, settings.Timeout) : $"The server made an allocation, but did not go on answering within {settings.Timeout.TotalSeconds:0} s." };
        }
        finally
        {
            if (session is not null)
                await ProbeEnd.CloseAsync(session).ConfigureAwait(false);
        }
    }

    private static string Silence(TurnEndpoint endpoint, TimeSpan timeout) => endpoint.Path == TurnPath.Udp
        ? $"No answer from {endpoint} within {timeout.TotalSeconds:0} s: nothing listens there, or UDP is blocked on the way."
        : $"No answer from {endpoint} within {timeout.TotalSeconds:0} s: a firewall drops what goes there, or what listens there is no TURN server.";

    private static async Task<TurnProbeResult> RelayAsync(
        TurnSession session,
        TurnEndpoint endpoint,
        TurnProbeSettings settings,
        TurnProbeResult result,
        CancellationToken cancellationToken)
    {
        string? note = null;
        try
        {
            RelayEcho relay = await RelayEcho.StartAsync(endpoint, settings.Client, session.Relayed, cancellationToken).ConfigureAwait(false);
            await using (relay.ConfigureAwait(false))
            {
                TurnProbeResult measured = await MeasureAsync(session, relay, settings, result, cancellationToken).ConfigureAwait(false);
                if (measured.Worked)
                    return measured;
                note = measured.Reason;
            }
        }
        catch (TurnSessionException exception)
        {
            note = exception.Message;
        }

        if (session.Relayed.IsIPv4 != TransportAddress.FromIPAddress(session.Local.Address, 0).IsIPv4)
            return result with { Reason = note };
        var local = new SocketEcho(session.Local.Address);
        await using (local.ConfigureAwait(false))
        {
            TurnProbeResult measured = await MeasureAsync(session, local, settings, result with { PeerNote = note }, cancellationToken).ConfigureAwait(false);
            return measured.Worked ? measured : measured with { Reason = $"Not through two relays: {note} And not to a socket of this machine: {measured.Reason}" };
        }
    }

    private static async Task<TurnProbeResult> MeasureAsync(
        TurnSession session,
        IEchoPeer peer,
        TurnProbeSettings settings,
        TurnProbeResult result,
        CancellationToken cancellationToken)
    {
        var meter = new EchoMeter(session, peer.Address);
        try
        {
            await session.PermitAsync(peer.Address, cancellationToken).ConfigureAwait(false);
            if (await meter.PingAsync(cancellationToken, enough: 1).ConfigureAwait(false) is null)
                return result with { Reason = $"Nothing came back from {peer.Kind} at {peer.Address}, to which Send indications went." };
            _ = await session.BindAsync(peer.Address, cancellationToken).ConfigureAwait(false);
        }
        catch (TurnSessionException exception)
        {
            return result with { Reason = exception.Message, Code = exception.Code };
        }

        RoundTrips? roundTrips = await meter.PingAsync(cancellationToken).ConfigureAwait(false);
        if (roundTrips is null)
            return result with { Reason = $"Nothing came back from {peer.Kind} at {peer.Address} over a channel, although Send indications did." };
        Throughput? throughput = settings.Throughput > TimeSpan.Zero
            ? await meter.StreamAsync(settings.Throughput, cancellationToken).ConfigureAwait(false)
            : null;
        return result with { Peer = peer.Kind, RoundTrips = roundTrips, Throughput = throughput };
    }
}
