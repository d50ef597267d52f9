namespace Ice;

/// <summary>An event in the queue of an <see cref="EventDispatcher"/>; null marks the end of all.</summary>
internal sealed class Posted(EventArgs? args)
{
    public EventArgs? Args { get; } = args;

    /// <summary>The one posted before; while they are raised, the one after.</summary>
    public Posted? Other { get; set; }
}
