namespace Stun;

/// <summary>
/// The lifetime of a mapping (RFC 5780 §4.6). The search is the RFC's binary one with many mappings at a time: each round cuts what is left into
/// eleven, so that it lasts not much longer than the lifetime itself.
/// </summary>
internal sealed class LifetimeTest(ProbeContext context, TransportAddress server)
{
    private const int PointsOfRound = 10;
    private const int ShortRc = 3;
    private const int ShortRm = 4;

    private static readonly TimeSpan s_first = TimeSpan.FromSeconds(2);

    private readonly List<LifetimePoint> _round = [];
    private Action<Instant> _done = static _ => { };
    private ProbeSocket? _asker;
    private TransportAddress _public;
    private Instant _end;
    private TimeSpan _alive;
    private TimeSpan? _dead;
    private (TimeSpan Alive, TimeSpan? Dead) _before;
    private string? _problem;

    public bool IsDone { get; private set; }

    public NatFinding<NatLifetime> Finding => _alive > TimeSpan.Zero || _dead is not null
        ? new(new NatLifetime(_alive, _dead + Blur), _dead is null ? $"No mapping was gone within the {context.Options.LifetimeBudget!.Value.TotalSeconds:0} s that the test had." : null)
        : new(null, _problem ?? "The test was not finished.");

    public static RetransmissionSchedule ShortSchedule(ProbeContext context)
    {
        RetransmissionSchedule usual = context.Options.Schedule;
        return context.LossSeen ? usual : usual with { Rc = Math.Min(usual.Rc, ShortRc), Rm = Math.Min(usual.Rm, ShortRm) };
    }

    public void Start(Instant now, Action<Instant> done)
    {
        _done = done;
        TimeSpan budget = context.Options.LifetimeBudget!.Value;
        _end = now + budget;
        context.After(budget, now, End);
        context.Open(OnAsker);
    }

    private void OnAsker(ProbeSocket? socket, Instant now)
    {
        _asker = socket;
        if (socket is null)
            Fail("No socket could be opened.", now);
        else
            context.Ask(new ProbeRequest { Socket = socket, Destination = server, Ended = OnAskerMapped }, now);
    }

    private void OnAskerMapped(ProbeRequest request, ProbeAnswer? answer, Instant now)
    {
        if (IsDone || _round.Count > 0)
            return;
        if (answer is not { IsSuccess: true, Mapped.IsNone: false })
        {
            Fail(answer?.Explain() ?? $"{server} no longer answers.", now);
            return;
        }

        _public = answer.Mapped;
        // A mapping that is a moment old: if the answer does not find it, RESPONSE-PORT is of no use here.
        Add(TimeSpan.Zero, OnControl);
    }

    private void OnControl(LifetimePoint point, Instant now)
    {
        if (point.Alive == true)
        {
            TimeSpan longest = _end - now - Tail;
            double growth = Math.Max(1, longest / s_first);
            Begin([.. Enumerable.Range(0, PointsOfRound).Select(i => s_first * Math.Pow(growth, i / (PointsOfRound - 1.0))).Distinct()], now);
            return;
        }

        Fail(point.Problem ?? (point.CameToAsker
            ? $"{server} ignores RESPONSE-PORT: it answers where it was asked from."
            : $"An answer that {server} was to send to another port (RESPONSE-PORT) did not arrive."), now);
    }

    // Where requests get lost, the one that found the mapping gone may have been a later one.
    private TimeSpan Blur
    {
        get
        {
            RetransmissionSchedule schedule = ShortSchedule(context);
            return context.LossSeen ? schedule.SendOffset(schedule.Rc - 1) : TimeSpan.Zero;
        }
    }

    // How long the last look may take until its silence counts.
    private TimeSpan Tail => (ShortSchedule(context).TimeoutOffset * context.Silences) + (context.Options.Pacing * 2 * PointsOfRound);

    private void OnPoint(LifetimePoint point, Instant now)
    {
        if (point.Alive == true && point.Wait > _alive)
            _alive = point.Wait;
        if (point.Alive == false && point.Wait > _alive && (_dead is null || point.Wait < _dead))
            _dead = point.Wait;
        // RFC 5780 §4.6: "implementations are encouraged to run the test numerous times and be prepared to get inconsistent results."
        if (_dead <= _alive)
            _dead = null;
        _problem ??= point.Problem;
        foreach (LifetimePoint longer in _round.FindAll(p => !p.IsDone && p.Wait >= _dead))
            longer.Cancel();
        if (_round.TrueForAll(static p => p.IsDone))
            Narrow(now);
    }

    private void Narrow(Instant now)
    {
        bool narrowed = (_alive, _dead) != _before;
        _before = (_alive, _dead);
        if (!narrowed || _dead is not { } dead || dead - _alive <= context.Options.LifetimeResolution)
        {
            End(now);
            return;
        }

        int points = (int)Math.Min(PointsOfRound, Math.Ceiling((dead - _alive) / context.Options.LifetimeResolution));
        Begin([.. Enumerable.Range(1, points).Select(i => _alive + ((dead - _alive) * (i / (points + 1.0))))], now);
    }

    private void Begin(IReadOnlyList<TimeSpan> waits, Instant now)
    {
        TimeSpan left = _end - now - Tail;
        _round.Clear();
        foreach (TimeSpan wait in waits.Where(w => w > TimeSpan.Zero && w <= left))
            Add(wait, OnPoint);
        if (_round.Count == 0)
            End(now);
    }

    private void Add(TimeSpan wait, Action<LifetimePoint, Instant> ended)
    {
        var point = new LifetimePoint(context, server, _asker!, _public, wait, ended);
        _round.Add(point);
        point.Start();
    }

    private void Fail(string problem, Instant now)
    {
        _problem ??= problem;
        End(now);
    }

    private void End(Instant now)
    {
        if (IsDone)
            return;
        IsDone = true;
        foreach (LifetimePoint point in _round.FindAll(static p => !p.IsDone))
            point.Cancel();
        if (_asker is { } asker)
            context.Close(asker);
        _done(now);
    }
}
