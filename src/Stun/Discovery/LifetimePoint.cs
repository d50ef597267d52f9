namespace Stun;

/// <summary>One test of a mapping's lifetime: a fresh socket X makes a mapping, and after a time a socket Y has an answer sent to it (RFC 5780 §4.6).</summary>
/// <remarks>X is never used again: many NATs keep a mapping longer that was used twice, so that a second test would find another lifetime.</remarks>
internal sealed class LifetimePoint(ProbeContext context, TransportAddress server, ProbeSocket asker, TransportAddress publicAddress, TimeSpan wait, Action<LifetimePoint, Instant> ended)
{
    private ProbeSocket? _socket;
    private ProbeRequest? _request;
    private int _silences;

    public TimeSpan Wait { get; } = wait;

    public bool IsDone { get; private set; }

    /// <summary>Whether the mapping was there; null when that could not be told.</summary>
    public bool? Alive { get; private set; }

    /// <summary>Whether the answer came to Y: the mapping is gone, or the server does not know RESPONSE-PORT.</summary>
    public bool CameToAsker { get; private set; }

    public string? Problem { get; private set; }

    public void Start() => context.Open((socket, now) =>
    {
        _socket = socket;
        if (socket is null)
            End(null, "No socket could be opened.", now);
        else if (IsDone)
            context.Close(socket);
        else
            Ask(new ProbeRequest { Socket = socket, Destination = server, Ended = OnMapped }, now);
    });

    public void Cancel()
    {
        IsDone = true;
        Release();
    }

    private void OnMapped(ProbeRequest request, ProbeAnswer? answer, Instant now)
    {
        if (IsDone)
            return;
        if (answer is not { IsSuccess: true, Mapped.IsNone: false })
            End(null, answer?.Explain() ?? $"{server} no longer answers.", now);
        else if (!answer.Mapped.SameAddress(publicAddress))
            End(null, $"The NAT has several public addresses: {answer.Mapped.ToIPAddress()} is not {publicAddress.ToIPAddress()}, and RESPONSE-PORT names a port only.", now);
        else
            context.After(Wait, now, at => Look(answer.Mapped.Port, at));
    }

    private void Look(int port, Instant now)
    {
        // RFC 5780 §4.6: "When this timer fires, the client sends another Binding Request to the server, using the same destination address and port,
        // but from a different source port, Y. This request contains an RESPONSE-PORT attribute, set to Pp, to request the response be delivered to
        // (Pa, Pp)."
        if (!IsDone)
            Ask(new ProbeRequest { Socket = asker, Destination = server, Responder = _socket, ResponsePort = port, Schedule = LifetimeTest.ShortSchedule(context), Ended = OnLooked }, now);
    }

    private void OnLooked(ProbeRequest request, ProbeAnswer? answer, Instant now)
    {
        if (IsDone)
            return;
        if (answer is { IsSuccess: false })
        {
            End(null, answer.Explain(), now);
        }
        else if (answer is not null)
        {
            // RFC 5780 §4.6: "If the client receives the Binding Response on port X, it knows that the binding has not expired."
            CameToAsker = answer.Socket == asker;
            End(!CameToAsker, null, now);
        }
        else if (++_silences < context.Silences)
        {
            Look(request.ResponsePort, now);
        }
        else
        {
            // RFC 5780 §4.6: "or receives no response at all, it knows that the binding has expired."
            End(false, null, now);
        }
    }

    private void Ask(ProbeRequest request, Instant now)
    {
        _request = request;
        context.Ask(request, now);
    }

    private void End(bool? alive, string? problem, Instant now)
    {
        Alive = alive;
        Problem = problem;
        IsDone = true;
        Release();
        ended(this, now);
    }

    private void Release()
    {
        if (_request is { } request)
            context.Cancel(request);
        if (_socket is { } socket)
            context.Close(socket);
    }
}
