using System.Net;
using Ice;
using IceTool.Agents;

namespace IceTool.Demo;

/// <summary>One of the two agents of the demo, on loopback only. What it does is told before what follows from it.</summary>
internal sealed class DemoAgent : IAsyncDisposable
{
    private readonly IceAgent _agent;
    private readonly byte[] _buffer = new byte[2048];
    private readonly TaskCompletionSource _gathered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _leaving;

    public DemoAgent(string name, IceRole role, IceServer server, IDemoNarrator narrator)
    {
        Name = name;
        _agent = new IceAgent(new IceAgentOptions
        {
            Role = role,
            Servers = [server],
            BindAddresses = [IPAddress.Loopback],
            IncludeLoopback = true,
        });
        AgentWatch.Attach(_agent, args =>
        {
            if (!_leaving)
                narrator.Agent(name, 0, args);
            Note(args);
        });
    }

    public string Name { get; }

    public Task GatherAsync(CancellationToken cancellationToken)
    {
        _agent.StartGathering();
        return _gathered.Task.WaitAsync(cancellationToken);
    }

    /// <summary>Hands in what the other would have sent over signaling: its parameters and its candidates, as text.</summary>
    public void Meet(DemoAgent other)
    {
        _agent.SetRemoteParameters(other._agent.LocalParameters);
        foreach (IceCandidate candidate in other._agent.LocalCandidates)
            _agent.AddRemoteCandidate(candidate.ToString());
        _agent.AddRemoteCandidate((IceCandidate?)null);
    }

    public async Task ConnectAsync(CancellationToken cancellationToken)
    {
        await _agent.ConnectAsync(cancellationToken).ConfigureAwait(false);
        await _connected.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    public ValueTask SendAsync(byte[] datagram, CancellationToken cancellationToken) => _agent.SendAsync(datagram, cancellationToken);

    public async Task<byte[]> ReceiveAsync(CancellationToken cancellationToken)
    {
        IceReceiveResult result = await _agent.ReceiveAsync(_buffer, cancellationToken).ConfigureAwait(false);
        return _buffer[..result.Length];
    }

    public ValueTask DisposeAsync()
    {
        // That the agent closes is the end of the story, not a part of it.
        _leaving = true;
        return _agent.DisposeAsync();
    }

    private void Note(EventArgs args)
    {
        if (ReferenceEquals(args, EventArgs.Empty))
            _ = _gathered.TrySetResult();
        else if (args is IceStateChangedEventArgs { State: IceConnectionState.Connected })
            _ = _connected.TrySetResult();
    }
}
