namespace Ice;

/// <summary>Copies of datagrams that wait for their way: bounded, the oldest first, in buffers that are used again. Not thread-safe.</summary>
internal sealed class HeldDatagrams(int slots, bool dropOldest)
{
    private readonly byte[][] _buffers = CreateBuffers(slots);
    private readonly int[] _lengths = new int[slots];
    private int _first;

    public int Count { get; private set; }

    /// <summary>Keeps a copy.</summary>
    /// <returns>False when a datagram was given up for want of room: this one or the oldest.</returns>
    public bool Hold(ReadOnlySpan<byte> datagram)
    {
        bool full = Count == slots;
        if (full && !dropOldest)
            return false;
        if (full)
            RemoveFirst();
        int last = (_first + Count) % slots;
        if (_buffers[last].Length < datagram.Length)
            _buffers[last] = new byte[datagram.Length];
        datagram.CopyTo(_buffers[last]);
        _lengths[last] = datagram.Length;
        Count++;
        return !full;
    }

    /// <summary>Takes the oldest; it is valid until the next call of <see cref="Hold"/>.</summary>
    public bool TryTake(out ReadOnlySpan<byte> datagram)
    {
        datagram = Count > 0 ? _buffers[_first].AsSpan(0, _lengths[_first]) : default;
        if (Count == 0)
            return false;
        RemoveFirst();
        return true;
    }

    private static byte[][] CreateBuffers(int slots)
    {
        byte[][] buffers = new byte[slots][];
        Array.Fill(buffers, []);
        return buffers;
    }

    private void RemoveFirst()
    {
        _first = (_first + 1) % slots;
        Count--;
    }
}
