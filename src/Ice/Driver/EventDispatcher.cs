using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Ice;

/// <summary>Runs the application's event handlers: one loop reads one queue, so that events are raised in order, never under a lock and never on a receive loop.</summary>
internal sealed class EventDispatcher
{
    private readonly Channel<EventArgs> _queue = Channel.CreateUnbounded<EventArgs>(
        new UnboundedChannelOptions { SingleReader = true, AllowSynchronousContinuations = false });

    private readonly Action<EventArgs> _raise;
    private readonly ILogger _logger;
    private readonly Task _loop;
    private int _dispatchThread;

    public EventDispatcher(Action<EventArgs> raise, ILogger logger)
    {
        _raise = raise;
        _logger = logger;
        _loop = RunAsync();
    }

    /// <summary>Queues an event. May be called under the agent's lock.</summary>
    public void Post(EventArgs args) => _queue.Writer.TryWrite(args);

    /// <summary>Whether the caller is a handler.</summary>
    public bool IsRaisingHere => Volatile.Read(ref _dispatchThread) == Environment.CurrentManagedThreadId;

    /// <summary>Lets the loop raise what is queued and end.</summary>
    public Task CompleteAsync()
    {
        _queue.Writer.TryComplete();
        return _loop;
    }

    private async Task RunAsync()
    {
        ChannelReader<EventArgs> reader = _queue.Reader;
        while (await reader.WaitToReadAsync().ConfigureAwait(false))
        {
            while (reader.TryRead(out EventArgs? args))
            {
                Volatile.Write(ref _dispatchThread, Environment.CurrentManagedThreadId);
                RaiseOne(args);
                Volatile.Write(ref _dispatchThread, 0);
            }
        }
    }

    private void RaiseOne(EventArgs args)
    {
#pragma warning disable CA1031 // a listener of the telemetry may throw anything; the agent goes on
        try
        {
            _raise(args);
        }
        catch (Exception exception)
        {
            Log.EventHandlerFailed(_logger, args.GetType().Name, exception);
        }
#pragma warning restore CA1031
    }
}
