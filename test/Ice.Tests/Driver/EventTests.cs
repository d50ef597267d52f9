namespace Ice.Tests;

public sealed class EventTests
{
    [Test]
    public async Task Events_are_raised_in_order_and_not_before_the_last_one_has_returned()
    {
        await using MemoryPair pair = new();
        List<string> seen = [];
        int running = 0;
        bool overlapped = false;
        void Note(string what)
        {
            overlapped |= Interlocked.Increment(ref running) != 1;
            seen.Add(what);
            Interlocked.Decrement(ref running);
        }

        TaskCompletionSource connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Left.CandidateGathered += (_, args) => Note($"candidate {args.Candidate.Type}");
        pair.Left.GatheringCompleted += (_, _) => Note("gathered");
        pair.Left.CandidatePairChanged += (_, args) => Note($"pair {args.Pair.State}");
        pair.Left.SelectedPairChanged += (_, args) => Note($"selected {args.Pair is { Selected: true }}");
        pair.Left.StateChanged += (_, args) =>
        {
            Note($"state {args.State}");
            if (args.State == IceConnectionState.Connected)
                connected.TrySetResult();
        };
        pair.Exchange();
        await connected.Task.WaitAsync(AgentPair.Limit);
        await pair.Left.DisposeAsync();

        Assert.That(overlapped, Is.False);
        Assert.That(seen[..2], Is.EqualTo(new[] { "candidate Host", "gathered" }));
        Assert.That(seen, Does.Contain("pair Succeeded").And.Contain("selected True"));
        Assert.That(seen.Where(static what => what.StartsWith("state", StringComparison.Ordinal)),
            Is.EqualTo(new[] { "state Checking", "state Connected", "state Closed" }));
    }

    [Test]
    public async Task A_handler_that_throws_stops_neither_the_other_handlers_nor_the_agent()
    {
        CapturingLoggerFactory logs = new();
        await using MemoryPair pair = new(left: options => options with { LoggerFactory = logs });
        TaskCompletionSource connected = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Left.StateChanged += static (_, _) => throw new InvalidOperationException("the application's own trouble");
        pair.Left.StateChanged += (_, args) =>
        {
            if (args.State == IceConnectionState.Connected)
                connected.TrySetResult();
        };
        pair.Exchange();

        await connected.Task.WaitAsync(AgentPair.Limit);
        Assert.That(logs.Lines, Has.Some.Contains("handler of IceStateChangedEventArgs threw"));
    }

    [Test]
    public async Task A_handler_may_dispose_the_agent_and_wait_for_it()
    {
        await using MemoryPair pair = new();
        TaskCompletionSource disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        // The agent may be connected before the last of the signaling is handed in, which must not come to a disposed agent.
        using ManualResetEventSlim exchanged = new();
        pair.Left.StateChanged += (_, args) =>
        {
            if (args.State != IceConnectionState.Connected)
                return;
            exchanged.Wait(AgentPair.Limit);
            disposed.TrySetResult();
            pair.Left.DisposeAsync().AsTask().Wait(AgentPair.Limit);
            Assert.That(pair.Left.State, Is.EqualTo(IceConnectionState.Closed));
        };
        pair.Exchange();
        exchanged.Set();

        await disposed.Task.WaitAsync(AgentPair.Limit);
        await pair.Left.DisposeAsync().AsTask().WaitAsync(AgentPair.Limit);
    }

    [Test]
    public async Task A_handler_may_call_the_agent()
    {
        await using MemoryPair pair = new();
        TaskCompletionSource<IceStats> read = new(TaskCreationOptions.RunContinuationsAsynchronously);
        pair.Left.StateChanged += (_, args) =>
        {
            if (args.State == IceConnectionState.Connected)
                read.TrySetResult(pair.Left.GetStats());
        };
        pair.Exchange();

        IceStats stats = await read.Task.WaitAsync(AgentPair.Limit);
        Assert.That(stats.SelectedCandidatePairId, Is.Not.Null);
    }
}
