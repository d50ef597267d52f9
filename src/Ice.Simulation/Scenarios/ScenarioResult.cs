namespace Ice.Simulation;

/// <summary>What came of a run. Immutable.</summary>
public sealed record ScenarioResult
{
    /// <summary>What was run.</summary>
    public required Scenario Scenario { get; init; }

    /// <summary>What the topology allows.</summary>
    public required Reachability Oracle { get; init; }

    /// <summary>How it ended.</summary>
    public required ScenarioOutcome Outcome { get; init; }

    /// <summary>Whether the selected pair of the first component goes through a relay; false where there is none.</summary>
    public bool IsRelayed { get; init; }

    /// <summary>The virtual time until both agents were connected for the first time; null when they never were.</summary>
    public TimeSpan? TimeToConnected { get; init; }

    /// <summary>The virtual time of the whole run.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>Where the offerer stood at the end, and why.</summary>
    public required string Offerer { get; init; }

    /// <summary>Where the answerer stood at the end, and why.</summary>
    public required string Answerer { get; init; }

    /// <summary>The hash of everything that every packet did.</summary>
    public required string TraceHash { get; init; }

    /// <summary>How many checks and gathering transactions were started.</summary>
    public long Transactions { get; init; }

    /// <summary>What chance did to a run that failed although there is a path; null for all others.</summary>
    public string? LostToChance { get; init; }

    /// <summary>What was not as it must be; empty for a good run.</summary>
    public required IReadOnlyList<string> Problems { get; init; }

    /// <summary>Whether the run was good.</summary>
    public bool IsGood => Problems.Count == 0;

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Scenario}\n  oracle:   {Oracle}\n  outcome:  {Outcome}{(IsRelayed ? " through a relay" : "")}{(TimeToConnected is { } time ? FormattableString.Invariant($" in {time.TotalSeconds:0.000} s") : "")}, ended after {Elapsed}"
        + $"\n  offerer:  {Offerer}\n  answerer: {Answerer}"
        + (LostToChance is null ? "" : "\n  bad luck: " + LostToChance)
        + string.Concat(Problems.Select(problem => "\n  PROBLEM:  " + problem));
}
