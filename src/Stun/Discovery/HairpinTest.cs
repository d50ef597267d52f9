namespace Stun;

/// <summary>Hairpinning (RFC 4787 §6): two sockets send to each other's external addresses, so that each opens the way for the other.</summary>
internal sealed class HairpinTest(ProbeContext context, NatPortSample left, ProbeSocket leftSocket, NatPortSample right, ProbeSocket rightSocket)
{
    private readonly List<ProbeRequest> _requests = [];
    private Action<Instant> _done = static _ => { };
    private int _silences;
    private int _open;

    /// <summary>What came in; null while nothing has.</summary>
    public NatHairpinning? Seen { get; private set; }

    public bool IsDone { get; private set; }

    public void Start(Instant now, Action<Instant> done)
    {
        _done = done;
        Ask(now);
    }

    /// <summary>A request that we sent has come to its target.</summary>
    public void OnArrived(ProbeRequest request, TransportAddress source, Instant now)
    {
        if (Seen is not null)
            return;
        NatPortSample sender = request.Socket == leftSocket ? left : right;
        // RFC 4787 §6: "A NAT Hairpinning behavior MUST be "External source IP address and port"."
        Seen = source == request.Socket.Local ? NatHairpinning.InternalSource
            : source.SameAddress(sender.Mapped) ? NatHairpinning.ExternalSource : NatHairpinning.OtherSource;
        End(now);
    }

    private void Ask(Instant now)
    {
        _open = 2;
        _requests.Add(new ProbeRequest { Socket = leftSocket, Destination = right.Mapped, HairpinTarget = rightSocket, Ended = OnEnded });
        _requests.Add(new ProbeRequest { Socket = rightSocket, Destination = left.Mapped, HairpinTarget = leftSocket, Ended = OnEnded });
        context.Ask(_requests[^2], now);
        context.Ask(_requests[^1], now);
    }

    private void OnEnded(ProbeRequest request, ProbeAnswer? answer, Instant now)
    {
        if (IsDone || --_open > 0)
            return;
        if (++_silences < context.Silences)
            Ask(now);
        else
            End(now);
    }

    private void End(Instant now)
    {
        if (IsDone)
            return;
        IsDone = true;
        _requests.ForEach(context.Cancel);
        _done(now);
    }
}
