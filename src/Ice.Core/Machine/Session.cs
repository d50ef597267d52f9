using System.Collections.Immutable;
using System.Text;
using Stun;

namespace Ice.Core;

/// <summary>An ICE session: everything that a restart flushes (RFC 8445 §9).</summary>
internal sealed class Session
{
    /// <summary>Checks that came before the peer's parameters.</summary>
    public EarlyRequests Early;

    private (ComponentId Component, IcePath Path)[] _accepted = [];

    public Session(AgentContext agent, IceParameters local)
    {
        Agent = agent;
        Local = local;
        LocalKey = new StunKey(local.Password);
        Remotes = new RemoteSide?[agent.Options.Streams.Count];
        Checklists = new ChecklistSet(agent);
        Gatherer = new Gatherer(this);
        Prober = agent.Options.Traversal is { } traversal ? new Prober(this, traversal) : null;
    }

    public AgentContext Agent { get; }

    public IceParameters Local { get; }

    public StunKey LocalKey { get; }

    public RemoteSide?[] Remotes { get; }

    public CandidateTable Candidates { get; } = new();

    public ChecklistSet Checklists { get; }

    public TransactionList Transactions { get; } = new();

    public Gatherer Gatherer { get; }

    /// <summary>What is tried beyond the checks of RFC 8445; null unless asked for.</summary>
    public Prober? Prober { get; }

    /// <summary>When the PAC timer runs out (RFC 8863 §4); Never before it has started.</summary>
    public Instant PatienceEndsAt { get; private set; } = Instant.Never;

    /// <summary>When something last happened that might still lead to a pair.</summary>
    public Instant LastProgressAt { get; set; }

    /// <summary>Reads the USERNAME of a check that is for this session.</summary>
    /// <param name="username">The attribute.</param>
    /// <param name="remoteFragment">The username fragment of the sender.</param>
    /// <returns>False when it begins with another's username fragment than ours.</returns>
    public bool TryReadUsername(ReadOnlySpan<byte> username, out ReadOnlySpan<byte> remoteFragment)
    {
        int length = Local.UsernameFragment.Length;
        remoteFragment = default;
        if (username.Length <= length || username[length] != (byte)':' || !Ascii.Equals(username[..length], Local.UsernameFragment))
            return false;
        remoteFragment = username[(length + 1)..];
        return true;
    }

    public Checklist ListOf(CandidatePair pair) => Checklists.Lists[pair.Component.Stream];

    public bool IsCompleted => Array.TrueForAll(Checklists.Lists, static l => l.State == ChecklistState.Completed);

    public bool IsRunning => Array.Exists(Checklists.Lists, static l => l.State == ChecklistState.Running);

    public void StartPatience(Instant now)
    {
        // RFC 8863 §4: "when a full ICE implementation begins its ICE processing, as described in [RFC8445], Section 6.1, it MUST set a timer"
        if (PatienceEndsAt.IsNever)
            PatienceEndsAt = now + Agent.Options.PatienceTimeout;
        LastProgressAt = now;
    }

    /// <summary>All local candidates are known: without trickling the peer learns of us only now, and begins its checks.</summary>
    public void GatheringCompleted(Instant now)
    {
        // RFC 8863 §4: "the ICE agent will start its timer once it believes ICE connectivity checks are starting.  This occurs when the
        // agent has sent the values needed to perform connectivity checks"
        if (!PatienceEndsAt.IsNever)
            PatienceEndsAt = Instant.Max(PatienceEndsAt, now + Agent.Options.PatienceTimeout);
        LastProgressAt = now;
    }

    public ImmutableArray<IcePath> GetAccepted(ComponentId component) =>
        [.. _accepted.Where(accepted => accepted.Component == component).Select(static accepted => accepted.Path)];

    /// <summary>Notes that the remote side of a path knows our credentials, so that data from it is accepted.</summary>
    public bool Accept(ComponentId component, IcePath path)
    {
        if (_accepted.Contains((component, path)))
            return false;
        AddAccepted(component, path);
        return true;
    }

    /// <summary>Forgets a base: its candidates, its pairs, its transactions and what was accepted from it.</summary>
    public void RemoveBase(LocalBase localBase, Instant now)
    {
        Gatherer.RemoveBase(localBase, now);
        Candidates.RemoveBase(localBase);
        Transactions.RemoveWhere(t => t.Path.Base == localBase.Id);
        _accepted = Array.FindAll(_accepted, accepted => accepted.Path.Base != localBase.Id);
        Checklist list = Checklists.Lists[localBase.Component.Stream];
        foreach (CandidatePair pair in list.Pairs.Where(p => p.Local.Base == localBase))
            list.Remove(pair);
    }

    /// <summary>Pairs a new local candidate with the remote ones known so far.</summary>
    public void PairLocal(LocalCandidate local, Instant now)
    {
        foreach (RemoteCandidate remote in Candidates.Remote)
        {
            // RFC 8445 §7.3.1.3: "However, the ICE agent does not pair this candidate with any local candidates."
            if (!remote.IsPeerReflexive)
                Checklists.Form(local, remote, now);
        }
    }

    /// <summary>Pairs a new remote candidate with the local ones known so far.</summary>
    public void PairRemote(RemoteCandidate remote, Instant now)
    {
        foreach (LocalCandidate local in Candidates.Local)
        {
            // RFC 8445 §7.2.5.3.1: "The ICE agent does not need to pair the peer-reflexive candidate with remote candidates"
            if (local.Info.Type != IceCandidateType.PeerReflexive)
                Checklists.Form(local, remote, now);
        }
    }

    public void RoleChanged()
    {
        foreach (Checklist list in Checklists.Lists)
        {
            // RFC 8445 §7.3.1.1: "A change in roles will require an agent to recompute pair priorities (Section 6.1.2.3), since those
            // priorities are a function of role."
            list.Sort(Agent.Role);
            foreach (CandidatePair pair in list.Pairs)
                pair.NominateOnSuccess = false;
        }
    }

    private void AddAccepted(ComponentId component, IcePath path)
    {
        if (_accepted.Count(accepted => accepted.Component == component) >= IceDefaults.MaxAcceptedPaths)
        {
            int oldest = Array.FindIndex(_accepted, accepted => accepted.Component == component);
            _accepted = [.. _accepted[..oldest], .. _accepted[(oldest + 1)..]];
        }

        _accepted = [.. _accepted, (component, path)];
    }
}
