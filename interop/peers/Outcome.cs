namespace PeersInterop;

/// <summary>What can come out of a case.</summary>
internal enum Outcome
{
    Passed,
    Failed,

    /// <summary>The peer cannot do it: a dash in the table, with its reason below.</summary>
    Dash,
}
