namespace Ice;

/// <summary>Has the host's addresses looked at when the system says that they have changed, a moment after it has said so last.</summary>
internal sealed class InterfaceWatch : IAsyncDisposable
{
    // One event, such as a cable that is pulled, is told in several steps.
    private static readonly TimeSpan s_settling = TimeSpan.FromMilliseconds(200);

    private readonly IAddressChanges _changes;
    private readonly ITimer _timer;

    public InterfaceWatch(IAddressChanges changes, TimeProvider time, Action refresh)
    {
        _changes = changes;
        _timer = time.CreateTimer(static state => ((Action)state!)(), refresh, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _changes.Changed += OnChanged;
    }

    /// <summary>Ends it; waits for a look that is under way.</summary>
    public ValueTask DisposeAsync()
    {
        _changes.Changed -= OnChanged;
        return _timer.DisposeAsync();
    }

    private void OnChanged() => _timer.Change(s_settling, Timeout.InfiniteTimeSpan);
}
