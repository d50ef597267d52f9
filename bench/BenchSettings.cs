namespace Bench;

/// <summary>What the command line asked for.</summary>
/// <param name="Runs">How often to measure.</param>
internal sealed record BenchSettings(int Runs);
