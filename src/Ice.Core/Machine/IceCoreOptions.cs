using Stun;

namespace Ice.Core;

/// <summary>How an <see cref="IceCore"/> behaves. Immutable; the defaults are the RFCs'.</summary>
public sealed record IceCoreOptions
{
    /// <summary>The number of components of each data stream.</summary>
    public IReadOnlyList<int> Streams { get; init; } = [1];

    /// <summary>The role at the start; a role conflict may change it (RFC 8445 §7.3.1.1).</summary>
    public IceRole Role { get; init; } = IceRole.Controlling;

    /// <summary>Full or lite.</summary>
    public IceMode Mode { get; init; }

    /// <summary>Our credentials; null draws fresh ones.</summary>
    public IceParameters? LocalParameters { get; init; }

    /// <summary>The tie-breaker (RFC 8445 §7.3.1.1); null draws one. Tests set it.</summary>
    public ulong? TieBreaker { get; init; }

    /// <summary>Ta, the time between two new transactions: 5 ms at least, 50 ms by default (RFC 8445 §14.2).</summary>
    public TimeSpan Pacing { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>A pacer shared with other agents of the process (RFC 8445 §14.2); null makes one of our own.</summary>
    public Pacer? Pacer { get; init; }

    /// <summary>Nominate with the first check of each pair (RFC 5245 aggressive nomination): for tests against old peers.</summary>
    public bool AggressiveNomination { get; init; }

    /// <summary>Whether consent freshness (RFC 7675) is checked.</summary>
    public bool Consent { get; init; } = true;

    /// <summary>How long to wait for connectivity before failing (RFC 8863 §4): 39.5 s by default.</summary>
    public TimeSpan PatienceTimeout { get; init; } = TimeSpan.FromMilliseconds(39_500);

    /// <summary>How long a STUN server may take to answer; null follows RFC 8489 (39.5 s with an RTO of 500 ms).</summary>
    public TimeSpan? GatheringTimeout { get; init; }

    /// <summary>Whether relayed candidates alone are gathered and used: what the peer learns is the TURN server's address, never ours.</summary>
    public bool RelayOnly { get; init; }

    /// <summary>The most pairs over all checklists (RFC 8445 §6.1.2.5).</summary>
    public int MaxPairs { get; init; } = 100;

    /// <summary>Ways past NATs that ICE alone does not take; null, the default, for none.</summary>
    public IceTraversalOptions? Traversal { get; init; }

    /// <summary>SOFTWARE to send in messages; null sends none.</summary>
    public string? Software { get; init; }

    /// <summary>Throws when the options cannot be.</summary>
    /// <exception cref="ArgumentException">An option is out of range; the message says which and why.</exception>
    public void Validate()
    {
        if (Streams is not { Count: > 0 } || Streams.Any(static c => c is < 1 or > 256))
            throw new ArgumentException("Streams needs at least one data stream, each with 1 to 256 components (RFC 8445 §5.1.2.1).");
        if (Pacing < IceDefaults.MinimumPacing || Pacing > IceDefaults.MaximumPacing)
            throw new ArgumentException($"Pacing (Ta) must be 5 to 1,000 ms (RFC 8445 §14.2); it is {Pacing.TotalMilliseconds} ms.");
        if (MaxPairs < 1)
            throw new ArgumentException("MaxPairs must be 1 or more.");
        if (PatienceTimeout <= TimeSpan.Zero || GatheringTimeout <= TimeSpan.Zero)
            throw new ArgumentException("Timeouts must be longer than nothing.");
        if (Traversal is not null && (RelayOnly || Mode == IceMode.Lite))
            throw new ArgumentException("Traversal is for direct paths of a full agent: leave it out with RelayOnly, and with IceMode.Lite.");
        if (Traversal?.Validate() is { } wrongTraversal)
            throw new ArgumentException("Traversal: " + wrongTraversal);
        if (LocalParameters?.Validate() is { } wrong)
            throw new ArgumentException(wrong);
        if (Software is { Length: > 128 })
            throw new ArgumentException("Software must have fewer than 128 characters (RFC 8489 §14.14).");
    }
}
