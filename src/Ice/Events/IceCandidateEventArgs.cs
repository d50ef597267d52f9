namespace Ice;

/// <summary>A local candidate was gathered: signal it to the peer.</summary>
/// <param name="stream">The data stream, counted from 0.</param>
/// <param name="candidate">The candidate.</param>
public sealed class IceCandidateEventArgs(int stream, IceCandidate candidate) : EventArgs
{
    /// <summary>The data stream, counted from 0.</summary>
    public int Stream { get; } = stream;

    /// <summary>The candidate.</summary>
    public IceCandidate Candidate { get; } = candidate;
}
