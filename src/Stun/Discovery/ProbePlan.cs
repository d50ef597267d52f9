namespace Stun;

/// <summary>Which test follows which, and what they have found together.</summary>
/// <remarks>First the servers; then mapping and allocation, in one row of requests whose order tells the pattern; then all others at the same time.</remarks>
internal sealed class ProbePlan(ProbeContext context)
{
    private const string NotFinished = "The test was not finished.";

    private readonly ReachTest _reach = new(context);
    private readonly HashSet<NatProbeStep> _running = [];
    private AllocationTest? _allocation;
    private FilteringTest? _filtering;
    private FilterProbe? _fragments;
    private LifetimeTest? _lifetime;
    private bool _second;

    public HairpinTest? Hairpin { get; private set; }

    public void Start()
    {
        Begin(NatProbeStep.Servers);
        _reach.Start(OnReached);
    }

    /// <summary>What is known so far.</summary>
    public NatBehavior Report()
    {
        IReadOnlyList<NatServerAnswer> servers = _reach.Answers;
        if (WhyNothing() is { } reason)
            return NatBehavior.Unknown(_reach.Socket?.Local ?? TransportAddress.None, reason) with { UdpBlocked = IsBlocked, Servers = servers };
        IReadOnlyList<ProbeSample> samples = context.Samples;
        ProbeSample[] ordered = [.. samples.OrderBy(static s => s.Order)];
        bool translated = ordered.Any(static s => s.Value.Mapped != s.Value.Local);
        NatFinding<NatMappingBehavior> mapping = MappingInference.Infer([.. ordered.Where(s => s.Value.Local == _reach.Socket!.Local).Select(static s => s.Value)]);
        return new NatBehavior
        {
            Local = _reach.Socket!.Local,
            Translated = new(translated),
            Mapping = mapping,
            Filtering = _filtering?.Finding ?? new(null, WhyNoFiltering()),
            Hairpinning = HairpinFinding(translated, mapping.Value),
            Lifetime = _lifetime?.Finding ?? new(null, context.Options.LifetimeBudget is null ? "It was not asked for: it takes minutes." : NotFinished),
            PortPreservation = AllocationInference.Preservation(ordered),
            Allocation = AllocationInference.Pattern(ordered),
            Fragments = FragmentFinding(),
            PublicAddresses = [.. ordered.Select(static s => s.Value.Mapped.WithPort(0)).Distinct()],
            Samples = [.. ordered.Select(static s => s.Value).DistinctBy(static s => (s.Local, s.Mapped))],
            Servers = servers,
        };
    }

    // An error is an answer too: UDP passes then.
    private bool IsBlocked => !_running.Contains(NatProbeStep.Servers) && _reach.Socket is not null && _reach.Answers.All(static a => !a.Answered && a.Code == 0);

    private string? WhyNothing()
    {
        if (_reach.Answers.Any(static a => a.Answered))
            return null;
        if (_running.Contains(NatProbeStep.Servers))
            return NotFinished;
        if (_reach.Socket is null)
            return "No socket could be opened.";
        return IsBlocked
            ? "No server answered over UDP: it is blocked on the way, or no server is there."
            : string.Join(" ", _reach.Answers.Select(static a => a.Problem));
    }

    private void OnReached(Instant now)
    {
        End(NatProbeStep.Servers);
        if (_reach.Chosen is not { } server)
        {
            EndAll();
            return;
        }

        Begin(NatProbeStep.Mapping);
        Begin(NatProbeStep.Allocation);
        _allocation = new AllocationTest(context, server.Server);
        new MappingTest(context, _reach.Socket!, server).Start(now, at => EndFirst(NatProbeStep.Mapping, at));
        _allocation.Start(at => EndFirst(NatProbeStep.Allocation, at));
    }

    private void EndFirst(NatProbeStep step, Instant now)
    {
        End(step);
        if (_running.Count == 0 && !_second && _allocation is not null)
            StartSecond(_reach.Chosen!, now);
    }

    private void StartSecond(NatServerAnswer server, Instant now)
    {
        _second = true;
        NatProbeStep[] steps =
        [
            .. server.Other.IsNone ? (NatProbeStep[])[] : [NatProbeStep.Filtering],
            .. CanHairpin() ? (NatProbeStep[])[NatProbeStep.Hairpinning] : [],
            .. context.Options.Fragments ? (NatProbeStep[])[NatProbeStep.Fragments] : [],
            .. context.Options.LifetimeBudget is null ? (NatProbeStep[])[] : [NatProbeStep.Lifetime],
        ];
        foreach (NatProbeStep step in steps)
            Begin(step);
        foreach (NatProbeStep step in steps)
            StartStep(step, server, now);
        if (steps.Length == 0)
            EndAll();
    }

    private void StartStep(NatProbeStep step, NatServerAnswer server, Instant now)
    {
        void Done(Instant at)
        {
            End(step);
            if (_running.Count == 0)
                EndAll();
        }

        switch (step)
        {
            case NatProbeStep.Filtering:
                _filtering = new FilteringTest(context, server);
                _filtering.Start(Done);
                break;
            case NatProbeStep.Hairpinning:
                (NatPortSample left, ProbeSocket leftSocket) = HairpinEnd(0);
                (NatPortSample right, ProbeSocket rightSocket) = HairpinEnd(1);
                Hairpin = new HairpinTest(context, left, leftSocket, right, rightSocket);
                Hairpin.Start(now, Done);
                break;
            case NatProbeStep.Fragments:
                _fragments = new FilterProbe(context, server.Server) { Padding = context.Options.PaddingLength };
                _fragments.Start(Done);
                break;
            case NatProbeStep.Lifetime:
                _lifetime = new LifetimeTest(context, server.Server);
                _lifetime.Start(now, Done);
                break;
        }
    }

    private IEnumerable<(NatPortSample Sample, ProbeSocket Socket)> HairpinEnds() =>
        from socket in _allocation?.Sockets ?? []
        from sample in context.Samples
        where sample.Value.Local == socket.Local && sample.Value.Mapped != sample.Value.Local
        select (sample.Value, socket);

    private bool CanHairpin() => HairpinEnds().Take(2).Count() == 2;

    private (NatPortSample Sample, ProbeSocket Socket) HairpinEnd(int index) => HairpinEnds().ElementAt(index);

    private string WhyNoFiltering() => _reach.Chosen is { Other.IsNone: true } chosen
        ? $"{chosen.Problem} Only a server with a second address can tell who may send in (RFC 5780)."
        : NotFinished;

    private NatFinding<NatHairpinning> HairpinFinding(bool translated, NatMappingBehavior? mapping)
    {
        if (!translated)
            return new(null, "There is no NAT: no address is translated.");
        if (Hairpin is null)
            return new(null, _second ? "Fewer than two sockets got an external address." : NotFinished);
        if (Hairpin.Seen is { } seen)
            return new(seen);
        if (!Hairpin.IsDone)
            return new(null, NotFinished);
        // Where each destination has its own mapping, the mappings that the server saw let in nobody else, unless the NAT filters nobody.
        return mapping == NatMappingBehavior.EndpointIndependent || _filtering?.Finding.Value == NatFilteringBehavior.EndpointIndependent
            ? new(NatHairpinning.None, "A NAT that hairpins with the internal source address would look the same: most systems discard what comes from their own address.")
            : new(null, $"Nothing came back; whether the NAT does not hairpin or filtered it cannot be told {(mapping is null ? "while its mapping is not known" : "with this mapping")}.");
    }

    private NatFinding<bool> FragmentFinding()
    {
        if (_fragments is null)
            return new(null, context.Options.Fragments ? NotFinished : "It was not asked for.");
        return _fragments.Passed ? new(true) : _fragments.Blocked ? new(false) : new(null, _fragments.Problem ?? NotFinished);
    }

    private void Begin(NatProbeStep step)
    {
        _ = _running.Add(step);
        context.Events.Enqueue(new NatProbeEvent.StepStarted(step));
    }

    private void End(NatProbeStep step)
    {
        if (_running.Remove(step))
            context.Events.Enqueue(new NatProbeEvent.StepEnded(step, Report()));
    }

    private void EndAll()
    {
        if (context.IsClosed)
            return;
        context.Shut();
        context.Events.Enqueue(new NatProbeEvent.Completed(Report()));
    }
}
