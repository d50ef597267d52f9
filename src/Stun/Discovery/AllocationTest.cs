namespace Stun;

/// <summary>Opens socket after socket and asks one server from each: how the NAT chooses external ports.</summary>
internal sealed class AllocationTest(ProbeContext context, TransportAddress server)
{
    private readonly List<ProbeSocket> _sockets = [];
    private Action<Instant> _done = static _ => { };
    private int _open;

    /// <summary>The sockets that could be opened, in the order of their requests.</summary>
    public IReadOnlyList<ProbeSocket> Sockets => _sockets;

    public void Start(Action<Instant> done)
    {
        _done = done;
        // The first socket has asked already.
        _open = context.Options.Sockets - 1;
        for (int i = _open; i > 0; i--)
            context.Open(OnOpened);
    }

    private void OnOpened(ProbeSocket? socket, Instant now)
    {
        if (socket is null)
        {
            Count(now);
            return;
        }

        _sockets.Add(socket);
        context.Ask(new ProbeRequest { Socket = socket, Destination = server, IsSample = true, Ended = (_, _, at) => Count(at) }, now);
    }

    private void Count(Instant now)
    {
        if (_open > 0 && --_open == 0)
            _done(now);
    }
}
