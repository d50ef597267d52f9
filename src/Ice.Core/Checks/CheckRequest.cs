namespace Ice.Core;

/// <summary>What a connectivity check carries, kept so that retransmissions are the same bytes (RFC 8489 §6.2.1), and the pair that it checks.</summary>
/// <param name="Pair">The pair.</param>
/// <param name="Content">The attributes.</param>
/// <param name="IsConsent">A consent check (RFC 7675): sent once, and its failure changes no pair state.</param>
internal readonly record struct CheckRequest(CandidatePair Pair, CheckContent Content, bool IsConsent);
