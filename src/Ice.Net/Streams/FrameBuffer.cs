namespace Ice.Net;

/// <summary>Cuts a stream of bytes into frames. Pure: bytes go in, frames come out; it reads nothing itself.</summary>
/// <remarks>
/// The buffer grows to the longest frame that has come, never beyond the limit, and is used again: once grown, a frame costs no allocation. Not
/// thread-safe.
/// </remarks>
public sealed class FrameBuffer
{
    private const int InitialSize = 2048;

    private readonly FrameLengthReader _lengthReader;
    private readonly int _startLength;
    private readonly int _maxLength;
    private byte[] _buffer = new byte[InitialSize];
    private int _begin;
    private int _end;

    /// <summary>Makes a buffer.</summary>
    /// <param name="lengthReader">The framing.</param>
    /// <param name="startLength">How many bytes the framing needs to tell a length.</param>
    /// <param name="maxLength">The longest frame that is taken, in bytes.</param>
    public FrameBuffer(FrameLengthReader lengthReader, int startLength, int maxLength)
    {
        ArgumentNullException.ThrowIfNull(lengthReader);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(startLength);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, startLength);
        _lengthReader = lengthReader;
        _startLength = startLength;
        _maxLength = maxLength;
    }

    /// <summary>Whether something came that is no frame, or too long a one: nothing after it can be read.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>The bytes that have come and were not taken as frames.</summary>
    public ReadOnlyMemory<byte> Remaining => _buffer.AsMemory(_begin, _end - _begin);

    /// <summary>Where to put the next bytes; call <see cref="Advance"/> then. Frames taken before become invalid.</summary>
    public Memory<byte> GetFree()
    {
        if (_begin == _end)
        {
            _begin = 0;
            _end = 0;
        }
        else if (_begin > 0 && _end == _buffer.Length)
        {
            _buffer.AsSpan(_begin.._end).CopyTo(_buffer);
            _end -= _begin;
            _begin = 0;
        }

        if (_end == _buffer.Length)
            Array.Resize(ref _buffer, Math.Min(2 * _buffer.Length, Math.Max(_maxLength, InitialSize)));
        return _buffer.AsMemory(_end);
    }

    /// <summary>Says how many bytes were put.</summary>
    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _end);
        _end += count;
    }

    /// <summary>Takes the next whole frame.</summary>
    /// <param name="frame">The frame: valid until <see cref="GetFree"/> is called.</param>
    /// <returns>False when more bytes are needed, or when <see cref="IsBroken"/>.</returns>
    public bool TryTake(out ReadOnlyMemory<byte> frame)
    {
        frame = default;
        ReadOnlySpan<byte> bytes = Remaining.Span;
        if (IsBroken || bytes.Length < _startLength)
            return false;
        if (!_lengthReader(bytes, out int length) || length < _startLength || length > _maxLength)
        {
            IsBroken = true;
            return false;
        }

        if (bytes.Length < length)
            return false;
        frame = _buffer.AsMemory(_begin, length);
        _begin += length;
        return true;
    }
}
