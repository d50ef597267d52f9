using System.Text;
using Ice;
using Ice.Core;
using Ice.Net;
using NatLab.Network;
using PeersInterop;

namespace NatLab.Agents;

/// <summary>Our agent in this process, with its sockets in a host of the laboratory.</summary>
internal sealed class OwnAgent : Party
{
    private static readonly byte[] s_data = Encoding.ASCII.GetBytes("data");
    private static readonly TimeSpan s_dataInterval = TimeSpan.FromMilliseconds(100);

    private TaskCompletionSource _data = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<string> _changes = [];
    private readonly Lock _gate = new();
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public OwnAgent(Host host, IceRole role, IReadOnlyList<IceServer> servers, Func<IceAgentOptions, IceAgentOptions>? adapt = null)
    {
        Name = $"our agent in {host.Name}";
        var options = new IceAgentOptions
        {
            Role = role,
            Servers = servers,
            IPv6 = false,
            // The hosts are machines of their own: what one sends does not hold up another.
            Pacer = new Pacer(TimeSpan.FromMilliseconds(5)),
            SocketFactory = local => host.Namespace.Run(() => UdpSocket.Bind(local)),
            InterfaceLister = () => host.Namespace.Run(HostAddresses.List),
            DatagramHandler = (_, _, _) => _data.TrySetResult(),
        };
        Agent = new IceAgent(adapt?.Invoke(options) ?? options);
        Agent.StateChanged += (_, e) => Note(e.Explanation is null ? $"{e.State}" : $"{e.State} ({e.Reason}: {e.Explanation})");
        Agent.SelectedPairChanged += (_, _) => Note(null);
    }

    public override string Name { get; }

    public IceAgent Agent { get; }

    /// <summary>The states that it went through, with reasons.</summary>
    public string History
    {
        get
        {
            lock (_gate)
                return string.Join(", ", _changes);
        }
    }

    public override async Task<Description> OfferAsync(CancellationToken cancellationToken)
    {
        List<string> candidates = [];
        await foreach (IceCandidate candidate in Agent.GatherAsync(cancellationToken))
            candidates.Add(candidate.ToString());
        return new Description(Agent.LocalParameters.UsernameFragment, Agent.LocalParameters.Password, candidates);
    }

    public override async Task<Description> AnswerAsync(Description offer, CancellationToken cancellationToken)
    {
        await AcceptAsync(offer, cancellationToken);
        return await OfferAsync(cancellationToken);
    }

    public override Task AcceptAsync(Description answer, CancellationToken cancellationToken)
    {
        Agent.SetRemoteParameters(new IceParameters(answer.Fragment, answer.Password));
        foreach (string candidate in answer.Candidates)
            Agent.AddRemoteCandidate(candidate);
        Agent.AddRemoteCandidate((IceCandidate?)null);
        return Task.CompletedTask;
    }

    /// <summary>Waits until the agent is in one of some states.</summary>
    public async Task<IceConnectionState> WaitForStateAsync(TimeSpan within, CancellationToken cancellationToken, params IceConnectionState[] states)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(within);
        try
        {
            while (true)
            {
                Task changed = Changed;
                if (states.Contains(Agent.State))
                    return Agent.State;
                await changed.WaitAsync(deadline.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CaseFailedException($"{Name} was not {string.Join(" or ", states)} within {within.TotalSeconds:0} s: {History}{Pairs()}");
        }
    }

    public override async Task<PairTypes> WaitUntilConnectedAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        IceConnectionState state = await WaitForStateAsync(within, cancellationToken, IceConnectionState.Connected, IceConnectionState.Failed);
        if (state == IceConnectionState.Failed || Agent.SelectedPair is not { } pair)
            throw new CaseFailedException($"{Name}: {History}");
        return new PairTypes(NameOf(pair.Local.Type), NameOf(pair.Remote.Type));
    }

    public override async Task SendUntilAsync(Task arrived, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_dataInterval);
        do
            _ = Agent.TrySend(s_data);
        while (!arrived.IsCompleted && await timer.WaitForNextTickAsync(cancellationToken));
    }

    public override Task WaitForDataAsync(CancellationToken cancellationToken) => _data.Task.WaitAsync(cancellationToken);

    /// <summary>Lets only data from now on count.</summary>
    public void RenewData() => _data = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);

    public override ValueTask DisposeAsync() => Agent.DisposeAsync();

    private Task Changed
    {
        get
        {
            lock (_gate)
                return _changed.Task;
        }
    }

    public string Pairs() => string.Concat(Agent.GetStats().CandidatePairs.Select(static p =>
        $"\n    {p.LocalCandidate.Type} {p.LocalCandidate.Address} to {p.RemoteCandidate.Type} {p.RemoteCandidate.Address}: {p.State}{(p.Nominated ? ", nominated" : "")}, {p.RequestsSent}+{p.Retransmissions} sent, {p.ResponsesReceived} answered, {p.RequestsReceived} received {p.FailureReason}"));

    private static string NameOf(IceCandidateType type) => type switch
    {
        IceCandidateType.Host => "host",
        IceCandidateType.ServerReflexive => "srflx",
        IceCandidateType.PeerReflexive => "prflx",
        _ => "relay",
    };

    private void Note(string? change)
    {
        TaskCompletionSource changed;
        lock (_gate)
        {
            if (change is not null)
                _changes.Add(change);
            changed = _changed;
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        changed.SetResult();
    }
}
