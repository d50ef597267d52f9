using System.Text;
using System.Text.Json.Nodes;
using Ice;
using IceTool.Agents;
using Stun;

namespace IceTool.Peer;

/// <summary>An agent that lines of JSON drive. One request is handled after the other; what is wrong with one is said and changes nothing.</summary>
internal sealed class PeerSession : IAsyncDisposable
{
    private readonly JsonLines _output;
    private readonly IceAgent _agent;
    private readonly IceUdpMux? _mux;
    private readonly int _components;
    private bool _closed;

    public PeerSession(IceAgentOptions options, JsonLines output)
    {
        _output = output;
        _mux = options.Mux;
        _components = options.Streams[0];
        _agent = new IceAgent(options with { DatagramHandler = OnData });
        AgentWatch.Attach(_agent, OnEvent);
    }

    /// <summary>Reads and does until the input ends or says close.</summary>
    public async Task RunAsync(TextReader input, CancellationToken cancellationToken)
    {
        _output.Write(AgentJson.Local(_agent.LocalParameters));
        while (await ReadAsync(input, cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (line.AsSpan().Trim().IsEmpty)
                continue;
            try
            {
                PeerRequest request = PeerRequest.Parse(line);
                if (request is PeerRequest.Close)
                    break;
                await DoAsync(request, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException or IOException)
            {
                _output.Write(AgentJson.Error(exception.Message));
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _agent.DisposeAsync().ConfigureAwait(false);
        if (_mux is not null)
            await _mux.DisposeAsync().ConfigureAwait(false);
        if (!_closed)
            _output.Write(AgentJson.State("closed", null));
        _closed = true;
    }

    // Reading from a console or a pipe cannot be cancelled, only left behind.
    private static Task<string?> ReadAsync(TextReader input, CancellationToken cancellationToken) =>
        input.ReadLineAsync(CancellationToken.None).AsTask().WaitAsync(cancellationToken);

    private async ValueTask DoAsync(PeerRequest request, CancellationToken cancellationToken)
    {
        switch (request)
        {
            case PeerRequest.Gather:
                _agent.StartGathering();
                break;
            case PeerRequest.Remote remote:
                SetRemote(remote);
                break;
            case PeerRequest.Candidate candidate:
                _agent.AddRemoteCandidate(candidate.Value);
                break;
            case PeerRequest.End:
                _agent.AddRemoteCandidate((IceCandidate?)null);
                break;
            case PeerRequest.Send send:
                await SendAsync(send, cancellationToken).ConfigureAwait(false);
                break;
            case PeerRequest.Restart:
                await RestartAsync(cancellationToken).ConfigureAwait(false);
                break;
            case PeerRequest.Stats:
                _output.Write(Stats());
                break;
            default:
                _output.Write(new JsonObject { ["ev"] = "pairs", ["pairs"] = PairList(_agent.GetStats()) });
                break;
        }
    }

    private async Task RestartAsync(CancellationToken cancellationToken)
    {
        // The credentials are told before the candidates that go with them, which are reported as soon as the restart is made.
        IceParameters fresh = IceParameters.Create(EntropySource.Secure);
        if (_agent.GatheringState != GatheringState.New)
            _output.Write(AgentJson.Local(fresh));
        await _agent.RestartAsync(fresh, cancellationToken).ConfigureAwait(false);
    }

    private void SetRemote(PeerRequest.Remote remote)
    {
        _agent.SetRemoteParameters(remote.Parameters);
        foreach (IceCandidate candidate in remote.Candidates)
            _agent.AddRemoteCandidate(candidate);
        if (remote.Last)
            _agent.AddRemoteCandidate((IceCandidate?)null);
    }

    private async ValueTask SendAsync(PeerRequest.Send send, CancellationToken cancellationToken)
    {
        if (send.Component > _components)
            throw new FormatException($"component {send.Component} does not exist: the configuration has {_components} (\"components\")");
        await _agent.Components[send.Component - 1].SendAsync(send.Data, cancellationToken).ConfigureAwait(false);
    }

    private JsonObject Stats()
    {
        IceStats stats = _agent.GetStats();
        return new JsonObject
        {
            ["ev"] = "stats",
            ["iceState"] = AgentNames.Of(stats.IceState),
            ["iceRole"] = AgentNames.Of(stats.IceRole),
            ["iceLocalUsernameFragment"] = stats.IceLocalUsernameFragment,
            ["selectedCandidatePairId"] = stats.SelectedCandidatePairId,
            ["selectedCandidatePairChanges"] = stats.SelectedCandidatePairChanges,
            ["packetsSent"] = stats.PacketsSent,
            ["packetsReceived"] = stats.PacketsReceived,
            ["bytesSent"] = stats.BytesSent,
            ["bytesReceived"] = stats.BytesReceived,
            ["probesSent"] = stats.ProbesSent,
            ["candidatePairs"] = PairList(stats),
        };
    }

    private static JsonArray PairList(IceStats stats) => [.. stats.CandidatePairs.Select(AgentJson.Stats)];

    private void OnEvent(EventArgs args)
    {
        // The protocol has no line for single checks: {"cmd":"pairs"} tells where they stand.
        if (args is IceCandidatePairEventArgs)
            return;
        if (args is IceStateChangedEventArgs { State: IceConnectionState.Closed })
            _closed = true;
        if (AgentJson.Event(args) is { } line)
            _output.Write(WithComponent(line));
    }

    // With one component there is nothing to tell apart.
    private JsonObject WithComponent(JsonObject line)
    {
        if (_components == 1)
            _ = line.Remove("component");
        return line;
    }

    private void OnData(IceComponent component, ReadOnlySpan<byte> datagram, TransportAddress remote) => _output.Write(WithComponent(new JsonObject
    {
        ["ev"] = "data",
        ["component"] = component.Id.Component,
        ["text"] = Encoding.UTF8.GetString(datagram),
        ["hex"] = Convert.ToHexStringLower(datagram),
        ["len"] = datagram.Length,
    }));
}
