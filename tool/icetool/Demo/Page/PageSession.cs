using System.Net.WebSockets;
using System.Text.Json.Nodes;
using Ice;
using IceTool.Agents;
using Stun;

namespace IceTool.Demo.Page;

/// <summary>One browser and the agent made for it: carries the signaling and shows the page what the agent sees.</summary>
internal sealed class PageSession : IAsyncDisposable
{
    private readonly int _id;
    private readonly PageSocket _socket;
    private readonly PageOptions _options;
    private readonly IDemoNarrator _narrator;
    private readonly IceAgent _agent;
    private readonly PeriodicTimer _refresh = new(TimeSpan.FromSeconds(1));
    private readonly TaskCompletionSource _gathered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _received;
    private int _firstLength;
    private int _snapshotQueued;

    public PageSession(int id, PageSocket socket, PageOptions options, IDemoNarrator narrator)
    {
        _id = id;
        _socket = socket;
        _options = options;
        _narrator = narrator;
        _agent = new IceAgent(new IceAgentOptions
        {
            Role = options.BrowserOffers ? IceRole.Controlled : IceRole.Controlling,
            IncludeLoopback = LocalAddresses.OnlyLoopback(null, ipv6: true),
            DatagramHandler = OnData,
        });
        AgentWatch.Attach(_agent, OnEvent);
    }

    /// <summary>Serves the browser until it leaves.</summary>
    /// <param name="problem">Why it cannot be served, or null.</param>
    /// <param name="cancellationToken">Ends the session.</param>
    public async Task RunAsync(string? problem, CancellationToken cancellationToken)
    {
        Task sending = _socket.SendAllAsync(CancellationToken.None);
        Task refreshing = RefreshAsync();
        try
        {
            if (problem is null)
                await ServeAsync(cancellationToken).ConfigureAwait(false);
            else
                SendError(problem);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException or InvalidOperationException)
        {
            SendError(exception.Message);
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException)
        {
            // The page was closed, or the demo ends.
        }

        _refresh.Dispose();
        await refreshing.ConfigureAwait(false);
        await _agent.DisposeAsync().ConfigureAwait(false);
        await _socket.CompleteAsync(sending).ConfigureAwait(false);
        if (problem is null)
            _narrator.Session(_id, _options.Role, _options.TrickleName, ended: true);
    }

    public ValueTask DisposeAsync()
    {
        _refresh.Dispose();
        return _agent.DisposeAsync();
    }

    private static string Text(JsonObject message, string name) =>
        message[name] is JsonValue value && value.TryGetValue(out string? text) ? text : throw new FormatException($"the page's message has no text \"{name}\"");

    private static string Side(JsonNode? side) => side is not JsonObject known
        ? "unknown"
        : $"{(known["address"]?.ToString() is { Length: > 0 } address ? address : "(hidden)")} port {known["port"]} {known["type"]}";

    private async Task ServeAsync(CancellationToken cancellationToken)
    {
        _narrator.Session(_id, _options.Role, _options.TrickleName, ended: false);
        _socket.Send(new JsonObject { ["type"] = "hello", ["session"] = _id, ["role"] = AgentNames.Of(_agent.Role) });
        if (!_options.BrowserOffers)
            await DescribeAsync(cancellationToken).ConfigureAwait(false);
        while (await _socket.ReceiveAsync(cancellationToken).ConfigureAwait(false) is { } message)
        {
            switch (Text(message, "type"))
            {
                case "remote":
                    TakeDescription(message);
                    if (_options.BrowserOffers)
                        await DescribeAsync(cancellationToken).ConfigureAwait(false);
                    break;
                case "candidate":
                    _agent.AddRemoteCandidate(Text(message, "candidate"));
                    break;
                case "end":
                    _agent.AddRemoteCandidate((IceCandidate?)null);
                    break;
                case "browser":
                    _narrator.BrowserReports(_id, Text(message, "state"), Side(message["local"]), Side(message["remote"]));
                    break;
                default:
                    throw new FormatException($"the page sent an unknown message '{Text(message, "type")}'");
            }
        }
    }

    // Sends our description: at once when candidates trickle after it, otherwise with all of them.
    private async Task DescribeAsync(CancellationToken cancellationToken)
    {
        if (_options.Trickle)
            SendDescription([], end: false);
        _agent.StartGathering();
        if (_options.Trickle)
            return;
        await _gathered.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        SendDescription(_agent.LocalCandidates, end: true);
    }

    private void SendDescription(IEnumerable<IceCandidate> candidates, bool end)
    {
        IceParameters parameters = _agent.LocalParameters;
        _socket.Send(new JsonObject
        {
            ["type"] = "local",
            ["ufrag"] = parameters.UsernameFragment,
            ["pwd"] = parameters.Password,
            ["lite"] = parameters.Lite,
            ["candidates"] = new JsonArray([.. candidates.Select(c => (JsonNode)c.ToString())]),
            ["end"] = end,
        });
    }

    private void TakeDescription(JsonObject message)
    {
        _agent.SetRemoteParameters(new IceParameters(Text(message, "ufrag"), Text(message, "pwd")));
        foreach (JsonNode? candidate in message["candidates"] as JsonArray ?? [])
            _agent.AddRemoteCandidate(candidate?.ToString() ?? "");
        if (message["end"]?.GetValueKind() == System.Text.Json.JsonValueKind.True)
            _agent.AddRemoteCandidate((IceCandidate?)null);
    }

    private void OnEvent(EventArgs args)
    {
        _narrator.Agent("agent", _id, args);
        switch (args)
        {
            case IceCandidateEventArgs e:
                _socket.Send(new JsonObject { ["type"] = "candidate", ["candidate"] = e.Candidate.ToString(), ["trickled"] = _options.Trickle });
                break;
            case IceStateChangedEventArgs e:
                _socket.Send(new JsonObject { ["type"] = "state", ["state"] = AgentNames.Of(e.State), ["reason"] = e.Explanation });
                QueueSnapshot();
                break;
            case IceCandidatePairEventArgs or IceSelectedPairChangedEventArgs:
                QueueSnapshot();
                break;
            case IceRoleChangedEventArgs e:
                _socket.Send(new JsonObject { ["type"] = "role", ["role"] = AgentNames.Of(e.Role) });
                break;
            default:
                if (!ReferenceEquals(args, EventArgs.Empty))
                    break;
                if (_options.Trickle)
                    _socket.Send(new JsonObject { ["type"] = "end" });
                _ = _gathered.TrySetResult();
                break;
        }
    }

    private void OnData(IceComponent component, ReadOnlySpan<byte> datagram, TransportAddress remote)
    {
        if (Interlocked.Increment(ref _received) == 1)
            Volatile.Write(ref _firstLength, datagram.Length);
        QueueSnapshot();
    }

    // Many changes in a row make one message: it is put together only when it is sent.
    private void QueueSnapshot()
    {
        if (Interlocked.Exchange(ref _snapshotQueued, 1) == 0)
            _socket.Send(Snapshot);
    }

    private JsonObject Snapshot()
    {
        Volatile.Write(ref _snapshotQueued, 0);
        return PageSnapshot.Of(_agent.GetStats(), Interlocked.Read(ref _received), Volatile.Read(ref _firstLength));
    }

    // Round-trip times and counters move without an event.
    private async Task RefreshAsync()
    {
        while (await _refresh.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false))
            QueueSnapshot();
    }

    private void SendError(string message) => _socket.Send(new JsonObject { ["type"] = "error", ["message"] = message });
}
