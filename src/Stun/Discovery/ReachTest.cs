namespace Stun;

/// <summary>Which servers answer, and which of them has a second address (RFC 5780 §4.2).</summary>
internal sealed class ReachTest(ProbeContext context)
{
    // How long servers that are asked may still answer after the first one has.
    private static readonly TimeSpan s_grace = TimeSpan.FromSeconds(1.5);

    private readonly NatServerAnswer[] _answers = [.. context.Options.Servers.Select(static server => new NatServerAnswer(server))];
    private Action<Instant> _done = static _ => { };
    private int _open;
    private bool _graceRuns;
    private bool _ended;

    /// <summary>The socket from which servers are asked; null when none could be opened.</summary>
    public ProbeSocket? Socket { get; private set; }

    public IReadOnlyList<NatServerAnswer> Answers => _answers;

    /// <summary>The server for all further tests; null when none answered.</summary>
    public NatServerAnswer? Chosen { get; private set; }

    public void Start(Action<Instant> done)
    {
        _done = done;
        context.Open(OnOpened);
    }

    private void OnOpened(ProbeSocket? socket, Instant now)
    {
        Socket = socket;
        if (socket is null)
        {
            End(now);
            return;
        }

        for (int i = 0; i < _answers.Length; i++)
        {
            int index = i;
            _open++;
            context.Ask(
                new ProbeRequest { Socket = socket, Destination = _answers[i].Server, IsSample = true, Ended = (_, answer, at) => OnEnded(index, answer, at) }, now);
        }
    }

    private void OnEnded(int index, ProbeAnswer? answer, Instant now)
    {
        _open--;
        NatServerAnswer entry = _answers[index];
        _answers[index] = answer is null ? entry with { Problem = $"{entry.Server} gave no answer over UDP." }
            : !answer.IsSuccess ? entry with { Code = answer.Code, Problem = answer.Explain() }
            : answer.Mapped.IsNone ? entry with { Problem = $"{entry.Server} answered without an address of ours." }
            : Accept(entry, answer);
        if (_open <= 0)
        {
            End(now);
        }
        else if (!_graceRuns && _answers[index].Answered)
        {
            _graceRuns = true;
            context.After(s_grace, now, End);
        }
    }

    private static NatServerAnswer Accept(NatServerAnswer entry, ProbeAnswer answer)
    {
        TransportAddress server = entry.Server;
        TransportAddress other = answer.Other;
        bool usable = !other.IsNone && other.SameFamily(server) && !other.SameAddress(server) && other.Port != server.Port && other.Port != 0 && !other.IsAny && !other.IsMulticast;
        return entry with
        {
            Mapped = answer.Mapped,
            Other = usable ? other : TransportAddress.None,
            RoundTrip = answer.RoundTrip,
            Problem = other.IsNone ? $"{server} has no second address (it sends no OTHER-ADDRESS)."
                : usable ? null : $"{server} gives {other} as its OTHER-ADDRESS, which is not another address with another port.",
        };
    }

    private void End(Instant now)
    {
        if (_ended)
            return;
        _ended = true;
        Chosen = Array.Find(_answers, static a => !a.Other.IsNone) ?? Array.Find(_answers, static a => a.Answered);
        _done(now);
    }
}
