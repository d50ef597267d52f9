namespace Stun;

/// <summary>A fresh socket that asks for an answer which the network on the way may not let in: CHANGE-REQUEST, or PADDING.</summary>
/// <remarks>Silence counts only if it repeats where requests get lost, and if a plain request from the same socket is answered afterwards.</remarks>
internal sealed class FilterProbe(ProbeContext context, TransportAddress server)
{
    private Action<Instant> _done = static _ => { };
    private int _silences;
    private bool _ended;

    public uint Change { get; init; }

    public TransportAddress ChangedSource { get; init; }

    public int Padding { get; init; }

    /// <summary>Whether the answer came in, at last: also when it was late.</summary>
    public bool Passed { get; private set; }

    /// <summary>Whether the way was open and the answer did not come.</summary>
    public bool Blocked { get; private set; }

    /// <summary>Why neither can be told.</summary>
    public string? Problem { get; private set; }

    public void Start(Action<Instant> done)
    {
        _done = done;
        context.Open((socket, now) =>
        {
            if (socket is null)
                Fail("No socket could be opened.", now);
            else
                Ask(socket, now);
        });
    }

    private void Ask(ProbeSocket socket, Instant now) => context.Ask(
        new ProbeRequest { Socket = socket, Destination = server, Change = Change, ChangedSource = ChangedSource, Padding = Padding, Ended = OnEnded }, now);

    private void OnEnded(ProbeRequest request, ProbeAnswer? answer, Instant now)
    {
        if (answer is null)
            OnSilence(request.Socket, now);
        else if (!answer.IsSuccess)
            Fail(answer.Explain(), now);
        else if (Change != 0 && answer.Source != ChangedSource)
            Fail($"{server} answered from {answer.Source} when it was asked to answer from {ChangedSource}.", now);
        else if (Padding != 0 && !answer.HasPadding)
            Fail($"{server} answers without PADDING.", now);
        else
            Pass(now);
    }

    private void OnSilence(ProbeSocket socket, Instant now)
    {
        if (_ended)
            return;
        if (++_silences < context.Silences)
        {
            Ask(socket, now);
            return;
        }

        context.Ask(
            new ProbeRequest
            {
                Socket = socket,
                Destination = server,
                Ended = (_, answer, at) =>
                {
                    if (answer is null)
                        Fail($"{server} no longer answers.", at);
                    else if (context.Silences > _silences && !_ended)
                        OnSilence(socket, at);
                    else
                        Block(at);
                },
            },
            now);
    }

    private void Pass(Instant now)
    {
        Passed = true;
        End(now);
    }

    private void Block(Instant now)
    {
        Blocked = true;
        End(now);
    }

    private void Fail(string problem, Instant now)
    {
        Problem ??= problem;
        End(now);
    }

    private void End(Instant now)
    {
        if (_ended)
            return;
        _ended = true;
        _done(now);
    }
}
