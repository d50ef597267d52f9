namespace Ice.Simulation;

/// <summary>A candidate as signaling carries it.</summary>
internal readonly record struct SignaledCandidate(int Stream, string Text);
