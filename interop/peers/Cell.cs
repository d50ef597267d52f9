namespace PeersInterop;

/// <summary>What came out of one case with one peer.</summary>
/// <param name="Peer">The peer.</param>
/// <param name="Case">The case.</param>
/// <param name="Outcome">What came out.</param>
/// <param name="Time">How long it took.</param>
/// <param name="Remark">Why it failed or cannot be, or what is worth telling; may be empty.</param>
internal sealed record Cell(string Peer, string Case, Outcome Outcome, TimeSpan Time, string Remark);
