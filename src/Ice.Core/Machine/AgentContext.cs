using Stun;

namespace Ice.Core;

/// <summary>What outlives a session: options, role, bases, servers, pacing, outputs and counters.</summary>
internal sealed class AgentContext
{
    private int _lastPairId;

    public AgentContext(IceCoreOptions options, EntropySource entropy)
    {
        Options = options;
        Entropy = entropy;
        Role = options.Mode == IceMode.Lite ? IceRole.Controlled : options.Role;
        TieBreaker = options.TieBreaker ?? entropy.NextUInt64();
        Pacing = new Pacing(options.Pacing, options.Pacer);
        Events = new EventQueue();
        Output = new OutputQueue();
    }

    public IceCoreOptions Options { get; }

    public EntropySource Entropy { get; }

    public IceRole Role { get; set; }

    public ulong TieBreaker { get; set; }

    public Pacing Pacing { get; }

    public EventQueue Events { get; }

    public OutputQueue Output { get; }

    public DropCounters Drops { get; } = new();

    public List<LocalBase> Bases { get; } = [];

    public List<GatheringServer> Servers { get; } = [];

    public bool IsLite => Options.Mode == IceMode.Lite;

    public int NextPairId() => ++_lastPairId;

    public LocalBase? FindBase(BaseId id)
    {
        foreach (LocalBase candidate in Bases)
        {
            if (candidate.Id == id)
                return candidate;
        }

        return null;
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
