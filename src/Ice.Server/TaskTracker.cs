namespace Ice.Server;

/// <summary>The loops that a server runs, so that its end can wait for them.</summary>
internal sealed class TaskTracker
{
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _running = [];

    /// <summary>How many are running.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _running.Count;
        }
    }

    /// <summary>Starts a loop on the thread pool.</summary>
    public void Run(Func<Task> loop)
    {
        Task task = Task.Run(loop);
        lock (_gate)
            _ = _running.Add(task);
        _ = task.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    /// <summary>Waits until everything has ended, be it with an error.</summary>
    public async Task WaitAsync()
    {
        while (true)
        {
            Task[] running;
            lock (_gate)
                running = [.. _running];
            if (running.Length == 0)
                return;
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Forget(Task task)
    {
        lock (_gate)
            _ = _running.Remove(task);
    }
}
