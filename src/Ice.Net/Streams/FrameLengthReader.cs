namespace Ice.Net;

/// <summary>Reads from the start of a frame how long the whole frame is: what a framing consists of.</summary>
/// <param name="start">At least as many bytes as the framing said that it needs.</param>
/// <param name="length">The length of the frame in bytes, header and padding included.</param>
/// <returns>False when the bytes cannot begin a frame: the stream is of no use any more.</returns>
public delegate bool FrameLengthReader(ReadOnlySpan<byte> start, out int length);
