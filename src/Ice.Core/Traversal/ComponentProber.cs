using System.Collections.Immutable;
using Stun;

namespace Ice.Core;

/// <summary>Decides for one component what is probed, as long as it has no direct pair.</summary>
internal sealed class ComponentProber(Session session, ComponentId component, OwnMapping own)
{
    private const int MaxBases = 4;

    private readonly List<LocalBase> _sockets = [];
    private readonly HashSet<LocalBase> _socketSet = new(ReferenceEqualityComparer.Instance);
    private (int Remote, int Own)? _evidence;
    private ProbePlan? _plan;
    private int _spent;
    private int _reported;
    private bool _socketsAsked;

    /// <summary>What is tried.</summary>
    public IceProbing Kind { get; private set; }

    /// <summary>How many probes were sent.</summary>
    public int Spent => _spent + (_plan?.Given ?? 0);

    /// <summary>Whether all probes have been sent that there are.</summary>
    public bool IsExhausted => _plan?.IsExhausted == true;

    private AgentContext Agent => session.Agent;

    private IceTraversalOptions Options => session.Agent.Options.Traversal!;

    private Checklist List => session.Checklists.Lists[component.Stream];

    /// <summary>An extra socket was opened.</summary>
    public void AddSocket(LocalBase socket)
    {
        _sockets.Add(socket);
        _socketSet.Add(socket);
    }

    /// <summary>A socket is gone.</summary>
    public void RemoveSocket(LocalBase socket)
    {
        _sockets.Remove(socket);
        _socketSet.Remove(socket);
    }

    /// <summary>How many extra sockets are to stay open.</summary>
    public int WantedSockets => Kind == IceProbing.ManySockets ? _sockets.Count : 0;

    /// <summary>Whether an extra socket is to stay open.</summary>
    public bool Wants(LocalBase socket) => Kind == IceProbing.ManySockets && _socketSet.Contains(socket);

    /// <summary>Takes what has become known into account.</summary>
    /// <param name="timeIsOver">Whether nothing is to be tried any more.</param>
    public void Update(bool timeIsOver)
    {
        if (timeIsOver || !IsOpen() || HasDirectPair())
        {
            End();
            return;
        }

        (int, int) evidence = (session.Candidates.Remote.Count(static c => c.Info.Type == IceCandidateType.ServerReflexive), own.Version);
        if (_evidence == evidence)
            return;
        _evidence = evidence;
        Decide();
    }

    /// <summary>The next probe.</summary>
    public bool TryNext(Instant now, out IcePath path, out Instant retryAt)
    {
        path = default;
        retryAt = Instant.Never;
        if (Kind == IceProbing.ManySockets && !_socketsAsked)
            AskForSockets();
        return _plan?.TryNext(now, out path, out retryAt) == true;
    }

    private void Decide()
    {
        var remote = RemoteMapping.Find(session.Candidates.Remote, component);
        PortPattern? pattern = own.FindPattern(component);
        IceProbing kind = Choose(remote, pattern);
        if (kind == Kind && remote is null)
            return;
        Kind = kind;
        _spent = Spent;
        int left = Math.Max(Options.MaxProbes - _spent, 0);
        _plan = kind switch
        {
            IceProbing.PredictedPorts => new PredictedPortsPlan(remote!, BasesTowards(remote!), left),
            IceProbing.GuessedPorts => new GuessedPortsPlan(remote!, BasesTowards(remote!), left, Agent.Entropy),
            IceProbing.ManySockets => new GuessSocketsPlan(_sockets, Destinations()),
            _ => null,
        };
        if (remote is not null && kind != IceProbing.None && _reported != remote.Ports.Count)
        {
            _reported = remote.Ports.Count;
            Agent.Events.Add(new IceEvent.PortsPredicted(component, OfPeer: true, remote.Pattern, [.. remote.Addresses.SelectMany(a => remote.Pattern.Predict(TraversalDefaults.FirstRound).Select(a.WithPort))]));
        }

        Agent.Events.Add(new IceEvent.ProbingChanged(component, kind, Spent));
    }

    // Where both sides map each destination anew, each probe comes from another address than the peer's probes go to: nothing can meet.
    private IceProbing Choose(RemoteMapping? remote, PortPattern? pattern)
    {
        if (remote is not null && pattern is not null)
            return IceProbing.None;
        if (remote is not null)
        {
            if (Options.MaxProbes == 0 || BasesTowards(remote).Count == 0)
                return IceProbing.None;
            if (remote.Pattern.Allocation == PortAllocation.Sequential)
                return IceProbing.PredictedPorts;
            // Without many sockets at the other end a thousand probes meet its one mapping with a chance below 2 %: guessing is asked for at both ends.
            return Options.GuessSockets > 0 ? IceProbing.GuessedPorts : IceProbing.None;
        }

        if (pattern is null)
            return IceProbing.None;
        if (pattern.Allocation == PortAllocation.Sequential && Options.PredictPorts > 0)
            return IceProbing.OwnPrediction;
        return Options.GuessSockets > 0 && Destinations().Count > 0 ? IceProbing.ManySockets : IceProbing.None;
    }

    private void AskForSockets()
    {
        _socketsAsked = true;
        LocalBase from = Array.Find(Agent.Bases, b => b.Component == component && own.IsEndpointDependent(b))!;
        Agent.Events.Add(new IceEvent.OpenGuessBases(from.Id, Options.GuessSockets));
    }

    private List<LocalBase> BasesTowards(RemoteMapping remote) =>
    [
        .. Agent.Bases.Where(b => b.Component == component && b.Address.SameFamily(remote.Addresses[0]) && !b.Address.IsLoopback && !b.Address.IsLinkLocal
            && session.Candidates.FindHost(b) is not null).Take(MaxBases),
    ];

    // Where the peer's NAT, or the peer itself, is seen from outside.
    private List<TransportAddress> Destinations()
    {
        IEnumerable<RemoteCandidate> all = session.Candidates.Remote.Where(c => c.Component == component && c.Address.IsIPv4);
        RemoteCandidate[] reflexive = [.. all.Where(static c => c.Info.Type == IceCandidateType.ServerReflexive)];
        IEnumerable<RemoteCandidate> chosen = reflexive.Length > 0 ? reflexive : all.Where(static c => c.Info.Type == IceCandidateType.Host && !c.Address.IsPrivate);
        return [.. chosen.Select(static c => c.Address).Distinct().Take(TraversalDefaults.MaxGuessDestinations)];
    }

    // A peer that may nominate several pairs (browsers do) moves to a better one when there is one; any other has made its choice.
    private bool IsOpen() => List.State switch
    {
        ChecklistState.Running => List.GetSelected(component.Component) is null,
        ChecklistState.Completed => Agent.Role == IceRole.Controlled && session.Remotes[component.Stream]?.MayNominateAggressively == true,
        _ => false,
    };

    private bool HasDirectPair()
    {
        foreach (CandidatePair pair in List.Pairs)
        {
            if (pair.IsValid && pair.Component == component && !pair.IsRelayed)
                return true;
        }

        return false;
    }

    private void End()
    {
        if (Kind == IceProbing.None)
            return;
        _evidence = null;
        Kind = IceProbing.None;
        _spent = Spent;
        _plan = null;
        Agent.Events.Add(new IceEvent.ProbingChanged(component, IceProbing.None, Spent));
    }
}
