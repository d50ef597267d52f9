namespace Ice.Core;

/// <summary>What a connectivity check carries, kept so that retransmissions are the same bytes (RFC 8489 §6.2.1), and the pair that it checks.</summary>
internal sealed record CheckRequest(CandidatePair Pair, RemoteSide Remote, uint Priority, IceRole Role, ulong TieBreaker, bool UseCandidate)
    : CheckContent(Remote, Priority, Role, TieBreaker, UseCandidate)
{
    /// <summary>A consent check (RFC 7675): sent once, and its failure changes no pair state.</summary>
    public bool IsConsent { get; init; }
}
