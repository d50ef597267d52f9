using Stun;

namespace Ice.Core;

/// <summary>What outlives a session: options, role, bases, servers, pacing, outputs and counters.</summary>
internal sealed class AgentContext
{
    /// <summary>What the driver has not read yet, in order.</summary>
    public PassingQueue<IceEvent> Events;

    public DropCounters Drops;

    private int _lastPairId;

    public AgentContext(IceCoreOptions options, EntropySource entropy)
    {
        Options = options;
        Entropy = entropy;
        Role = options.Role;
        TieBreaker = options.TieBreaker ?? entropy.NextUInt64();
        Pacing = new Pacing(options.Pacing, options.Pacer == Pacer.Unshared ? null : options.Pacer);
        Relays = new RelayTable(this);
        Output = new OutputQueue(this);
        Mappings = options.Traversal is null ? null : new MappingLedger();
    }

    public IceCoreOptions Options { get; }

    public EntropySource Entropy { get; }

    public IceRole Role { get; set; }

    public ulong TieBreaker { get; set; }

    public Pacing Pacing { get; }

    public OutputQueue Output { get; }

    public LocalBase[] Bases { get; set; } = [];

    /// <summary>Extra sockets behind an unpredictable NAT: they gather, signal and pair nothing.</summary>
    public LocalBase[] GuessBases { get; set; } = [];

    public RelayTable Relays { get; }

    public GatheringServer[] Servers { get; set; } = [];

    /// <summary>The mappings that our packets took from NATs; null without <see cref="IceCoreOptions.Traversal"/>.</summary>
    public MappingLedger? Mappings { get; }

    public bool ReportsPairs { get; set; } = true;

    public long ProbesSent { get; set; }

    public bool IsLite => Options.Mode == IceMode.Lite;

    /// <summary>Whether data may be sent over a pair that is not watched by a monitor: its last answer is recent enough.</summary>
    public bool HasConsent(CandidatePair pair, Instant now)
    {
        // RFC 7675 §5.1: "if a valid STUN binding response has not been received from the remote peer's transport address in 30 seconds,
        // the endpoint MUST cease transmission on that 5-tuple."
        return !Options.Consent || IsLite || now < pair.LastResponseAt + IceDefaults.ConsentExpiry;
    }

    /// <summary>Whether a pair was answered lately enough to be selected without another check.</summary>
    public bool IsFresh(CandidatePair pair, Instant now) =>
        !Options.Consent || IsLite || now < pair.LastResponseAt + IceDefaults.DisconnectedAfter;

    public int NextPairId() => ++_lastPairId;

    public LocalBase? FindBase(BaseId id)
    {
        foreach (LocalBase candidate in Bases)
        {
            if (candidate.Id == id)
                return candidate;
        }

        foreach (LocalBase candidate in GuessBases)
        {
            if (candidate.Id == id)
                return candidate;
        }

        return Relays.FindBase(id);
    }

    /// <summary>The wanted local preference, or the next one below it (above it at the end) that no base of the component has.</summary>
    public int FindFreePreference(ComponentId component, int wanted)
    {
        int preference = wanted;
        while (Bases.Concat(GuessBases).Any(b => b.Component == component && b.Traits.LocalPreference == preference))
            preference = preference == 0 ? 65535 : preference - 1;
        return preference;
    }

    /// <summary>Takes the other role; pair priorities are recomputed by the sessions (RFC 8445 §7.2.5.1).</summary>
    public void SwitchRole(IceRole role)
    {
        if (Role == role)
            return;
        Role = role;
        Events.Add(new IceEvent.RoleChanged(role));
    }
}
