using Ice.Core;

namespace Ice;

/// <summary>
/// Ways past NATs with endpoint-dependent mapping (RFC 4787 §4.1) that ICE alone does not take: port prediction and guessing with many sockets.
/// Immutable. Nothing of it is on the wire unless an agent is given these options.
/// </summary>
/// <remarks>
/// All messages are those of RFC 8445, so that a peer without these options profits too. While they are tried, a relay carries the data, and a
/// controlling agent nominates no relayed pair: the agent is connected up to <see cref="Duration"/> later than it would be without.
/// </remarks>
public sealed record IceTraversalOptions
{
    /// <summary>The most sockets of <see cref="GuessSockets"/>.</summary>
    public const int MaxGuessSockets = 1024;

    /// <summary>The most ports of <see cref="PredictPorts"/>: each is a pair of the peer's checklist, of which it may have 100 (RFC 8445 §6.1.2.5).</summary>
    public const int MaxPredictPorts = 64;

    /// <summary>The longest <see cref="Duration"/>: a peer gives up 39.5 s after its checks began (RFC 8863 §4).</summary>
    public static readonly TimeSpan MaxDuration = TimeSpan.FromSeconds(30);

    /// <summary>How many mappings that our NAT is likely to make next are signaled as server-reflexive candidates; 16 by default, 0 for none.</summary>
    /// <remarks>It takes two STUN servers, or a STUN and a TURN server, at different addresses to see how a NAT maps.</remarks>
    public int PredictPorts { get; init; } = 16;

    /// <summary>How many extra sockets are opened behind a NAT whose mappings cannot be predicted; 0, the default, for none, and for no guessing at all. 256 is the well-known number.</summary>
    /// <remarks>Both sides need it: the other one probes random ports of such a NAT only if it guesses too, for its probes would meet a single mapping with less than 2 %.</remarks>
    public int GuessSockets { get; init; }

    /// <summary>How many probes are sent at most to predicted or guessed ports of a peer, for each component; 1,024 by default, 0 for none.</summary>
    /// <remarks>256 sockets of the peer and 1,024 probes of ours meet with 98 %: 1 - (1 - 1024/64512)^256.</remarks>
    public int MaxProbes { get; init; } = 1024;

    /// <summary>How many probes leave in a second at most: 100 by default, 1 to 200. All agents of a process together never send more than one every 10 ms.</summary>
    /// <remarks>RFC 8445 §14.2: "MUST NOT be sent more often than once every 5 ms".</remarks>
    public int ProbesPerSecond { get; init; } = 100;

    /// <summary>How long all of it may take from the first check on: 15 s by default, 30 s at most.</summary>
    public TimeSpan Duration { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Says what is wrong with the options, or null when nothing is.</summary>
    public string? Validate()
    {
        if (PredictPorts is < 0 or > MaxPredictPorts)
            return $"PredictPorts is {PredictPorts} and must be 0 to {MaxPredictPorts}; 16 is the default.";
        if (GuessSockets is < 0 or > MaxGuessSockets)
            return $"GuessSockets is {GuessSockets} and must be 0 to {MaxGuessSockets}; 256 is a good number, 0 opens none.";
        if (MaxProbes is < 0 or > PortPattern.LastPort)
            return $"MaxProbes is {MaxProbes} and must be 0 to {PortPattern.LastPort}; 1,024 is the default.";
        if (ProbesPerSecond is < 1 or > 200)
            return $"ProbesPerSecond is {ProbesPerSecond} and must be 1 to 200 (RFC 8445 §14.2: one every 5 ms at most); 100 is the default.";
        if (Duration <= TimeSpan.Zero || Duration > MaxDuration)
            return $"Duration is {Duration.TotalSeconds} s and must be more than 0 and at most {MaxDuration.TotalSeconds} s; 15 s is the default.";
        return null;
    }
}
