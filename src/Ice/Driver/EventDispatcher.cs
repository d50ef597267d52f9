namespace Ice;

/// <summary>Runs the application's event handlers one after the other, in order: never under a lock and never on a receive loop.</summary>
/// <remarks>What is posted is raised by a work item of the thread pool. There is none, and nothing else, while nothing is posted.</remarks>
internal sealed class EventDispatcher(IceAgent agent, ExecutionContext? context) : IThreadPoolWorkItem
{
    // Stands for "a work item runs, and there is nothing new for it".
    private static readonly Posted s_raising = new(null);

    private Posted? _last;
    private TaskCompletionSource? _completion;
    private int _dispatchThread;

    /// <summary>Whether the caller is a handler.</summary>
    public bool IsRaisingHere => Volatile.Read(ref _dispatchThread) == Environment.CurrentManagedThreadId;

    /// <summary>Queues an event. May be called under the agent's lock.</summary>
    public void Post(EventArgs args)
    {
        if (Volatile.Read(ref _completion) is null)
            Push(new Posted(args));
    }

    /// <summary>Ends when what is queued was raised; nothing is queued any more.</summary>
    public Task CompleteAsync()
    {
        TaskCompletionSource completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
        if (Interlocked.CompareExchange(ref _completion, completion, null) is { } before)
            return before.Task;
        Push(new Posted(null));
        return completion.Task;
    }

    void IThreadPoolWorkItem.Execute()
    {
        if (context is null)
            RaiseAll();
        else
            ExecutionContext.Run(context, static self => ((EventDispatcher)self!).RaiseAll(), this);
    }

    private void Push(Posted posted)
    {
        Posted? last;
        do
        {
            last = Volatile.Read(ref _last);
            posted.Other = last;
        }
        while (Interlocked.CompareExchange(ref _last, posted, last) != last);
        if (last is null)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    private void RaiseAll()
    {
        do
        {
            Posted? next = TakeInOrder();
            for (; next is not null; next = next.Other)
                RaiseOne(next.Args);
        }
        while (Interlocked.CompareExchange(ref _last, null, s_raising) != s_raising);
    }

    /// <summary>Takes what was posted and turns it round: the one posted first comes first.</summary>
    private Posted? TakeInOrder()
    {
        Posted? first = null;
        Posted? posted = Interlocked.Exchange(ref _last, s_raising);
        while (posted is not null && posted != s_raising)
        {
            Posted? before = posted.Other;
            posted.Other = first;
            first = posted;
            posted = before;
        }

        return first;
    }

    private void RaiseOne(EventArgs? args)
    {
        if (args is null)
        {
            _completion!.SetResult();
            return;
        }

        Volatile.Write(ref _dispatchThread, Environment.CurrentManagedThreadId);
#pragma warning disable CA1031 // a listener of the telemetry may throw anything; the agent goes on
        try
        {
            agent.Raise(args);
        }
        catch (Exception exception)
        {
            Log.EventHandlerFailed(agent.Logger, args.GetType().Name, exception);
        }
#pragma warning restore CA1031

        Volatile.Write(ref _dispatchThread, 0);
    }
}
