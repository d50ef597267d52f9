namespace Ice.Simulation;

/// <summary>A population of sites, from which sessions between two of them are drawn: the same ones for the same seed, always. Immutable.</summary>
public sealed record SitePopulation
{
    /// <summary>The kinds of sites.</summary>
    public required IReadOnlyList<SiteKind> Kinds { get; init; }

    /// <summary>Where the shares come from, for whoever reads the figures.</summary>
    public string Source { get; init; } = "";

    /// <summary>The share of sessions between two hosts of one site that has a NAT, within its network, 0 to 1.</summary>
    public double SameNetworkShare { get; init; }

    /// <summary>The share of sessions whose agents trickle, 0 to 1; the others gather first.</summary>
    public double TrickleShare { get; init; } = 1;

    /// <summary>Whether the agents have a TURN server.</summary>
    public bool UsesTurn { get; init; } = true;

    /// <summary>The most time that a signaling message is on its way; the least is a tenth of it.</summary>
    public TimeSpan MaxSignalingDelay { get; init; } = TimeSpan.FromMilliseconds(150);

    /// <summary>The greatest latency between the servers and the Internet.</summary>
    public TimeSpan MaxServerLatency { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>Draws a session.</summary>
    /// <param name="seed">The seed of the whole run.</param>
    /// <param name="index">The number of the session, from 0.</param>
    public SessionPlan Draw(ulong seed, long index)
    {
        var random = new SimRandom(new SimRandom(seed).NextUInt64() ^ new SimRandom((ulong)index).NextUInt64());
        int offerer = DrawKind(random);
        bool together = random.Chance(SameNetworkShare) && Kinds[offerer].Interface.Access == Access.Nat && Kinds[offerer].Interface.OuterNats.Count == 0;
        int answerer = together ? offerer : DrawKind(random);
        bool controls = random.Chance(0.5);
        var scenario = new Scenario
        {
            Seed = random.NextUInt64(),
            Trickle = random.Chance(TrickleShare) ? TrickleMode.Full : TrickleMode.None,
            SignalingDelay = (MaxSignalingDelay / 10) + random.UpTo(MaxSignalingDelay * 0.9),
            GatheringTimeout = TimeSpan.FromSeconds(10),
            ServerLink = new LinkConditions { Latency = random.UpTo(MaxServerLatency) },
            Offerer = Side(Kinds[offerer], together, controls, random),
            Answerer = Side(Kinds[answerer], together, !controls, random),
        };
        return new SessionPlan(index, offerer, answerer, scenario);
    }

    /// <summary>Throws when no session can be drawn.</summary>
    /// <exception cref="ArgumentException">A share is none; the message says which.</exception>
    public void Validate()
    {
        if (Kinds.Count == 0 || Kinds.Any(static kind => !double.IsFinite(kind.Weight) || kind.Weight < 0) || Kinds.Sum(static kind => kind.Weight) <= 0)
            throw new ArgumentException("A population needs kinds of sites with weights of 0 or more, and not all 0.");
        foreach (SiteKind kind in Kinds)
        {
            kind.Interface.Nat.Validate();
            foreach (NatOptions outer in kind.Interface.OuterNats)
                outer.Validate();
            if (!IsShare(kind.IPv6Share) || !IsShare(kind.Loss) || kind.MinLatency < TimeSpan.Zero || kind.MaxLatency < kind.MinLatency || kind.Jitter < TimeSpan.Zero)
                throw new ArgumentException($"{kind.Name}: shares are 0 to 1, and latencies go from the least to the greatest.");
            if (kind.Interface.PoolSize is < 1 or > 8)
                throw new ArgumentException($"{kind.Name}: a pool has 1 to 8 addresses.");
        }

        if (!IsShare(SameNetworkShare) || !IsShare(TrickleShare))
            throw new ArgumentException("Shares are 0 to 1.");
    }

    private static bool IsShare(double value) => value is >= 0 and <= 1;

    private int DrawKind(SimRandom random)
    {
        double at = random.NextDouble() * Kinds.Sum(static kind => kind.Weight);
        for (int i = 0; i < Kinds.Count; i++)
        {
            at -= Kinds[i].Weight;
            if (at < 0)
                return i;
        }

        return Kinds.Count - 1;
    }

    private SideScenario Side(SiteKind kind, bool together, bool controls, SimRandom random)
    {
        TimeSpan latency = kind.MinLatency + random.UpTo(kind.MaxLatency - kind.MinLatency);
        var link = new LinkConditions { Latency = latency, Jitter = kind.Jitter, Loss = kind.Loss > 0 ? LossModel.Random(kind.Loss) : LossModel.None };
        InterfaceScenario nic = kind.Interface with { IPv6 = random.Chance(kind.IPv6Share), Link = link };
        return new SideScenario
        {
            Role = controls ? IceRole.Controlling : IceRole.Controlled,
            Interfaces = [together ? nic with { Access = Access.SharedLan } : nic],
            UsesTurn = UsesTurn,
        };
    }
}
