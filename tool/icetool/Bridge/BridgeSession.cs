using System.Net;
using System.Net.Sockets;
using Ice;
using IceTool.Agents;

namespace IceTool.Bridge;

/// <summary>One side of a bridge between two machines, from the first line to the end.</summary>
internal sealed class BridgeSession(BridgeSettings settings, IBridgeSignaling signaling, IBridgeReport report)
{
    private readonly TaskCompletionSource<string> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Connects and forwards.</summary>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>True when it was connected and ended by the token.</returns>
    /// <exception cref="BridgeException">It ended for another reason, or did not begin.</exception>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var agent = new IceAgent(settings.Agent);
        await using (agent.ConfigureAwait(false))
        {
            AgentWatch.Attach(agent, Take);
            IceUdpBridge bridge = Open(agent);
            await using (bridge.ConfigureAwait(false))
                return await RunAsync(agent, bridge, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<bool> RunAsync(IceAgent agent, IceUdpBridge bridge, CancellationToken cancellationToken)
    {
        bool connected = false;
        try
        {
            await ConnectAsync(agent, cancellationToken).ConfigureAwait(false);
            connected = true;
            if (agent.SelectedPair is { } pair)
                report.Connected(pair);
            await ForwardAsync(bridge, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Ctrl-C.
        }
        catch (IceException exception)
        {
            throw new BridgeException($"There is no way to the other side: {exception.Message}");
        }
        finally
        {
            // The counts are final when nothing is on its way any more.
            await agent.DisposeAsync().ConfigureAwait(false);
            await bridge.DisposeAsync().ConfigureAwait(false);
            report.End(bridge.GetStats());
        }

        return connected;
    }

    private void Take(EventArgs args)
    {
        report.Take(args);
        if (args is IceStateChangedEventArgs { State: IceConnectionState.Failed } failed)
            _failed.TrySetResult(failed.Explanation ?? $"{failed.Reason}.");
    }

    private IceUdpBridge Open(IceAgent agent)
    {
        try
        {
            IceUdpBridge bridge = IceUdpBridge.Start(agent, settings.Bridge);
            report.Open(bridge.LocalEndPoint, settings.Bridge.Application);
            return bridge;
        }
        catch (SocketException exception)
        {
            throw new BridgeException($"{settings.Bridge.Local} cannot be used: {exception.Message}. Is another program there? Give --listen another port.");
        }
        catch (ArgumentException exception)
        {
            throw new BridgeException(exception.Message);
        }
    }

    private async Task ConnectAsync(IceAgent agent, CancellationToken cancellationToken)
    {
        List<IceCandidate> candidates = [];
        await foreach (IceCandidate candidate in agent.GatherAsync(cancellationToken).ConfigureAwait(false))
            candidates.Add(candidate);
        if (candidates.Count == 0)
        {
            throw new BridgeException(settings.Agent.Policy == IceTransportPolicy.Relay
                ? "No TURN server gave a relayed address: 'ice turn' says why."
                : "There is no address to be reached at: is the network up? --loopback takes loopback addresses.");
        }

        SignalText theirs = await ExchangeAsync(agent, candidates, cancellationToken).ConfigureAwait(false);
        agent.SetRemoteParameters(theirs.Parameters);
        // The answer is still on its way by hand: a check sent now could be long over when the other side begins. Who can reach us without is let in.
        if (!settings.Offers)
            await WaitUntilTakenAsync(agent, cancellationToken).ConfigureAwait(false);
        foreach (IceCandidate candidate in theirs.Candidates)
            agent.AddRemoteCandidate(candidate);
        agent.AddRemoteCandidate(null);
        await WaitUntilConnectedAsync(agent, cancellationToken).ConfigureAwait(false);
    }

    private async Task<SignalText> ExchangeAsync(IceAgent agent, IReadOnlyList<IceCandidate> candidates, CancellationToken cancellationToken)
    {
        if (!settings.Offers)
        {
            SignalText offer = await signaling.ReceiveAsync(offer: true, static _ => { }, cancellationToken).ConfigureAwait(false);
            await signaling.SendAsync(new SignalText(IsOffer: false, agent.LocalParameters, candidates, offer.Parameters.UsernameFragment), cancellationToken).ConfigureAwait(false);
            return offer;
        }

        string ours = agent.LocalParameters.UsernameFragment;
        await signaling.SendAsync(new SignalText(IsOffer: true, agent.LocalParameters, candidates, ""), cancellationToken).ConfigureAwait(false);
        return await signaling.ReceiveAsync(offer: false, Fits, cancellationToken).ConfigureAwait(false);

        void Fits(SignalText answer)
        {
            if (answer.Offer != ours)
                throw new FormatException("This answers another offer, perhaps that of an earlier run: give the other side the line that was printed here, and paste what it prints then.");
        }
    }

    private async Task WaitUntilTakenAsync(IceAgent agent, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task taken = signaling.WaitUntilTakenAsync(either.Token);
        await await Task.WhenAny(taken, agent.ConnectAsync(either.Token)).ConfigureAwait(false);
        await either.CancelAsync().ConfigureAwait(false);
        await taken.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task WaitUntilConnectedAsync(IceAgent agent, CancellationToken cancellationToken)
    {
        try
        {
            await agent.ConnectAsync(cancellationToken).WaitAsync(settings.Timeout, settings.Agent.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            throw new BridgeException(Explain(agent));
        }
    }

    private string Explain(IceAgent agent)
    {
        int pairs = agent.GetStats().CandidatePairs.Length;
        string hint = agent.LocalCandidates.Any(candidate => candidate.Type == IceCandidateType.Relayed)
            ? "Is the other side still running?"
            : "Between two NATs a relay may be needed: give --server turn:HOST with --user and --password at one side.";
        return $"No way to the other side was found within {settings.Timeout.TotalSeconds:0} s: {pairs} pairs of addresses were tried, and none was answered. {hint}";
    }

    private async Task ForwardAsync(IceUdpBridge bridge, CancellationToken cancellationToken)
    {
        Task application = TellApplicationAsync(bridge, cancellationToken);
        Task ended = await Task.WhenAny(_failed.Task, bridge.Completion).WaitAsync(cancellationToken).ConfigureAwait(false);
        string reason = ended == _failed.Task ? await _failed.Task.ConfigureAwait(false) : $"the socket at {bridge.LocalEndPoint} was lost.";
        await bridge.DisposeAsync().ConfigureAwait(false);
        await application.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        throw new BridgeException($"The way to the other side is gone: {reason} Start both sides again.");
    }

    private async Task TellApplicationAsync(IceUdpBridge bridge, CancellationToken cancellationToken)
    {
        if (settings.Bridge.Application is null)
            report.Application(await bridge.WaitForApplicationAsync(cancellationToken).ConfigureAwait(false));
    }
}
