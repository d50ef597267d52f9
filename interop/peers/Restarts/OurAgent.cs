using System.Net;
using System.Text;
using System.Threading.Channels;
using Ice;
using Stun;

namespace PeersInterop;

/// <summary>Our agent in this process, so that what it holds can be counted, in the segment of the hosts without a NAT.</summary>
internal sealed class OurAgent : IAsyncDisposable
{
    private readonly Channel<EventArgs> _candidates = Channel.CreateUnbounded<EventArgs>();
    private readonly HashSet<int> _received = [];
    private readonly Lock _gate = new();
    private TaskCompletionSource _nominated = NewSignal();

    public OurAgent(bool controlling)
    {
        Agent = new IceAgent(new IceAgentOptions
        {
            Role = controlling ? IceRole.Controlling : IceRole.Controlled,
            BindAddresses = [IPAddress.Parse(Lab.HarnessAddress)],
            DatagramHandler = OnData,
        });
        Agent.CandidateGathered += (_, e) => _ = _candidates.Writer.TryWrite(e);
        Agent.GatheringCompleted += (_, e) => _ = _candidates.Writer.TryWrite(e);
        Agent.SelectedPairChanged += (_, e) =>
        {
            if (e.Pair is { Nominated: true })
                Volatile.Read(ref _nominated).TrySetResult();
        };
    }

    public IceAgent Agent { get; }

    /// <summary>The numbers of the datagrams that have come.</summary>
    public IReadOnlySet<int> Received
    {
        get
        {
            lock (_gate)
                return _received.ToHashSet();
        }
    }

    /// <summary>Ends with the next pair that is nominated.</summary>
    public Task ExpectPair()
    {
        TaskCompletionSource next = NewSignal();
        Volatile.Write(ref _nominated, next);
        return next.Task;
    }

    /// <summary>The candidates as they come; ends with the last of the session.</summary>
    public async IAsyncEnumerable<IceCandidate> CandidatesAsync()
    {
        while (await _candidates.Reader.ReadAsync() is IceCandidateEventArgs gathered)
            yield return gathered.Candidate;
    }

    public ValueTask DisposeAsync() => Agent.DisposeAsync();

    private void OnData(IceComponent component, ReadOnlySpan<byte> datagram, TransportAddress remote)
    {
        if (!int.TryParse(Encoding.ASCII.GetString(datagram), out int number))
            return;
        lock (_gate)
            _ = _received.Add(number);
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
