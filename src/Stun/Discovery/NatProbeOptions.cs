namespace Stun;

/// <summary>What a <see cref="NatBehaviorProbe"/> finds out, and how patiently. Immutable; the defaults take some ten seconds.</summary>
public sealed record NatProbeOptions
{
    /// <summary>The greatest number of servers.</summary>
    public const int MaxServers = 16;

    /// <summary>
    /// The servers, of one address family. One that has a second address (OTHER-ADDRESS) tells all; of several plain ones, or several ports of one,
    /// the mapping can be told. The first that can be used is asked most.
    /// </summary>
    public required IReadOnlyList<TransportAddress> Servers { get; init; }

    /// <summary>When a request is sent again and given up. RTO 500 ms, 5 transmissions, given up after 9.5 s.</summary>
    /// <remarks>A filter shows by silence alone: where requests were seen to be lost, silence has to repeat before it counts.</remarks>
    public RetransmissionSchedule Schedule { get; init; } = new(RetransmissionSchedule.DefaultRto, Rc: 5, Rm: 4);

    // RFC 5780 §5: "A client SHOULD NOT generate more than ten new STUN transactions per second and SHOULD pace them such that the retransmission
    // timeouts (RTOs) do not synchronize the retransmissions of each transaction."

    /// <summary>The time between two new transactions, to which chance adds up to a fifth: 100 ms by default (RFC 5780 §5).</summary>
    public TimeSpan Pacing { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many sockets show how external ports are chosen, 2 to 32; 8 by default.</summary>
    public int Sockets { get; init; } = 8;

    /// <summary>Whether to find out whether fragments pass.</summary>
    public bool Fragments { get; init; }

    /// <summary>The length of the PADDING that makes fragments: an MTU, a multiple of 4 up to 1,500 bytes.</summary>
    public int PaddingLength { get; init; } = 1500;

    /// <summary>How much time the search for the lifetime of mappings may take, 10 s to 1 h; null leaves it out. Lifetimes up to nearly this time show.</summary>
    public TimeSpan? LifetimeBudget { get; init; }

    /// <summary>How exactly the lifetime is wanted; 1 s by default.</summary>
    public TimeSpan LifetimeResolution { get; init; } = TimeSpan.FromSeconds(1);

    internal void Validate()
    {
        Require(Servers is { Count: >= 1 and <= MaxServers }, $"NAT behavior discovery needs 1 to {MaxServers} servers.");
        Require(Servers!.All(s => !s.IsNone && s.Port != 0 && s.SameFamily(Servers[0])), "The servers need addresses of one family, and ports: probe the other family with another probe.");
        Require(Servers.Distinct().Count() == Servers.Count, "A server is listed twice.");
        Require(Schedule is not null, "Schedule must not be null: leave it out to have the default.");
        Require(Pacing >= TimeSpan.FromMilliseconds(1), "Pacing must be 1 ms or more; RFC 5780 §5 asks for 100 ms.");
        Require(Sockets is >= 2 and <= 32, "Sockets must be 2 to 32; 8 is the default.");
        Require(PaddingLength is >= 4 and <= 1500 && PaddingLength % 4 == 0, "PaddingLength must be a multiple of 4 up to 1,500 bytes.");
        Require(LifetimeBudget is null || (LifetimeBudget >= TimeSpan.FromSeconds(10) && LifetimeBudget <= TimeSpan.FromHours(1)), "LifetimeBudget must be 10 s to 1 h, or null to leave the lifetime out.");
        Require(LifetimeResolution >= TimeSpan.FromMilliseconds(100), "LifetimeResolution must be 100 ms or more.");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new ArgumentException(message);
    }
}
