namespace Ice.Tests;

/// <summary>The system's time, but for a thread that is to hold an agent's lock: the agent asks for the time right after taking it.</summary>
internal sealed class LockHoldingClock : TimeProvider
{
    private readonly ThreadLocal<Hold?> _hold = new();

    /// <summary>Holds the agents' locks until the result is disposed.</summary>
    public IDisposable HoldLocks(params IceAgent[] agents)
    {
        var hold = new Hold(agents.Length);
        foreach (IceAgent agent in agents)
        {
            hold.Start(() =>
            {
                _hold.Value = hold;
                _ = agent.Role;
            });
        }

        hold.WaitUntilHeld();
        return hold;
    }

    public override long GetTimestamp()
    {
        _hold.Value?.Wait();
        return base.GetTimestamp();
    }

    private sealed class Hold(int count) : IDisposable
    {
        private readonly CountdownEvent _held = new(count);
        private readonly ManualResetEventSlim _released = new();

        private readonly List<Thread> _threads = [];

        public void Start(ThreadStart run)
        {
            var thread = new Thread(run) { IsBackground = true };
            _threads.Add(thread);
            thread.Start();
        }

        public void WaitUntilHeld()
        {
            if (!_held.Wait(AgentPair.Limit))
                throw new TimeoutException("The locks were not taken: does Role still ask for the time?");
        }

        public void Wait()
        {
            if (_released.IsSet)
                return;
            _held.Signal();
            _released.Wait();
        }

        public void Dispose()
        {
            _released.Set();
            _threads.ForEach(static thread => thread.Join());
            _released.Dispose();
            _held.Dispose();
        }
    }
}
