namespace Ice.Simulation;

/// <summary>One of the two agents of a <see cref="Scenario"/>.</summary>
public sealed record SideScenario
{
    /// <summary>The role that it starts with.</summary>
    public IceRole Role { get; init; }

    /// <summary>Full or lite.</summary>
    public IceMode Mode { get; init; }

    /// <summary>Its interfaces; an address in a private network may be the peer's too, in another one.</summary>
    public IReadOnlyList<InterfaceScenario> Interfaces { get; init; } = [new()];

    /// <summary>Whether it asks the STUN servers.</summary>
    public bool UsesStun { get; init; } = true;

    /// <summary>Whether it uses the TURN server: over UDP, and over TCP to port 443.</summary>
    public bool UsesTurn { get; init; }

    /// <summary>Ways past endpoint-dependent mapping; null, the default, for none.</summary>
    public IceTraversalOptions? Traversal { get; init; }

    /// <summary>Ta.</summary>
    public TimeSpan Pacing { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How late its timers may fire.</summary>
    public TimeSpan TimerSlack { get; init; }

    /// <inheritdoc/>
    public override string ToString() =>
        $"{Mode} {Role}, Ta {Pacing.TotalMilliseconds} ms, {(UsesStun ? "STUN" : "no STUN")}{(UsesTurn ? ", TURN" : "")}{DescribeTraversal()}: {string.Join(" | ", Interfaces)}";

    private string DescribeTraversal() => Traversal switch
    {
        null => "",
        { GuessSockets: > 0 } => FormattableString.Invariant($", prediction and {Traversal.GuessSockets} sockets"),
        _ => ", prediction",
    };
}
