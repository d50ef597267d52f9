namespace Ice;

/// <summary>A component of a data stream (RFC 8445 §4).</summary>
/// <param name="Stream">The data stream, counted from 0.</param>
/// <param name="Component">The component, 1 to 256; 1 is RTP or the only one, 2 is RTCP.</param>
public readonly record struct ComponentId(int Stream, int Component)
{
    /// <summary>The first component of the first stream: all there is in most agents.</summary>
    public static ComponentId First => new(0, 1);

    /// <inheritdoc/>
    public override string ToString() => $"{Stream}/{Component}";
}
