namespace Bench;

/// <summary>Two agents of one implementation in one process, that have gathered; A controls.</summary>
internal interface IPair : IAsyncDisposable
{
    /// <summary>The candidates of A that the plan wants, as SDP.</summary>
    IReadOnlyList<string> CandidatesOfA { get; }

    /// <summary>The candidates of B.</summary>
    IReadOnlyList<string> CandidatesOfB { get; }

    /// <summary>Tells each what it is to know of the other, and waits until both are connected.</summary>
    Task<ConnectTimes> ConnectAsync(IReadOnlyList<string> toA, IReadOnlyList<string> toB);
}
