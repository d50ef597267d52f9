using Stun;

namespace Turn;

/// <summary>Chooses ports for relays (RFC 8656 §7.2) and has the driver open them.</summary>
internal sealed class RelayOpener(ServerContext context)
{
    private long _lastId;

    public bool Supports(TurnAddressFamily family) => !LocalOf(family).IsNone;

    /// <summary>Has a relay opened.</summary>
    /// <returns>Null when every port is taken.</returns>
    public Relay? Open(Allocation owner, TurnAddressFamily family, bool even)
    {
        if (!TryPickPort(owner.Transport, family, even, pair: false, out int port))
            return null;
        return Start(owner, family, port, even);
    }

    /// <summary>Has two relays opened: one on an even port, for the allocation, and one on the next higher port, to be reserved.</summary>
    public bool TryOpenPair(Allocation owner, TurnAddressFamily family, int attempts)
    {
        if (!TryPickPort(owner.Transport, family, even: true, pair: true, out int port))
            return false;
        Relay first = Start(owner, family, port, even: true);
        Relay second = Start(owner, family, port + 1, even: false);
        first.Partner = second;
        second.Partner = first;
        first.Attempts = attempts;
        second.Attempts = attempts;
        owner.Next = second;
        Place(owner, first);
        return true;
    }

    /// <summary>Puts a relay where its family belongs.</summary>
    public static void Place(Allocation owner, Relay relay)
    {
        relay.Owner = owner;
        if (relay.Relayed.IsIPv4)
            owner.IPv4 = relay;
        else
            owner.IPv6 = relay;
    }

    /// <summary>Tries another port for a relay that the system refused, and for its partner.</summary>
    /// <returns>False when enough ports were tried.</returns>
    public bool TryAgain(Relay relay)
    {
        Allocation owner = relay.Owner!;
        TurnAddressFamily family = relay.Relayed.IsIPv4 ? TurnAddressFamily.IPv4 : TurnAddressFamily.IPv6;
        context.Table.Remove(relay);
        if (relay.Partner is { } partner)
        {
            context.Close(partner);
            owner.Next = null;
            return relay.Attempts < TurnServerDefaults.MaxOpenAttempts - 1 && TryOpenPair(owner, family, relay.Attempts + 1);
        }

        if (relay.Attempts >= TurnServerDefaults.MaxOpenAttempts - 1 || Open(owner, family, relay.IsEven) is not { } next)
            return false;
        next.Attempts = relay.Attempts + 1;
        Place(owner, next);
        return true;
    }

    private Relay Start(Allocation owner, TurnAddressFamily family, int port, bool even)
    {
        TransportAddress local = LocalOf(family).WithPort(port);
        TransportAddress external = family == TurnAddressFamily.IPv4 ? context.Options.ExternalIPv4 : context.Options.ExternalIPv6;
        var relay = new Relay(new RelayId(++_lastId), owner.Transport)
        {
            Local = local,
            Relayed = external.IsNone ? local.WithoutScope() : external.WithPort(port),
            Owner = owner,
            IsEven = even,
        };
        context.Table.Add(relay);
        context.Emit(new TurnServerEvent.OpenRelay(relay.Id, local, relay.Transport));
        return relay;
    }

    private TransportAddress LocalOf(TurnAddressFamily family) => family switch
    {
        TurnAddressFamily.IPv4 => context.Options.RelayIPv4,
        TurnAddressFamily.IPv6 => context.Options.RelayIPv6,
        _ => default,
    };

    // RFC 8656 §7.2: "It is RECOMMENDED that a TURN server implement a randomized port assignment algorithm from [RFC6056]." This is its
    // algorithm 1: a random start, then the next free one.
    private bool TryPickPort(TurnTransport transport, TurnAddressFamily family, bool even, bool pair, out int port)
    {
        TransportAddress external = family == TurnAddressFamily.IPv4 ? context.Options.ExternalIPv4 : context.Options.ExternalIPv6;
        TransportAddress seen = external.IsNone ? LocalOf(family).WithoutScope() : external;
        int first = context.Options.MinRelayPort;
        int count = context.Options.MaxRelayPort - first + 1;
        int start = (int)(context.Entropy.NextUInt64() % (ulong)count);
        for (int step = 0; step < count; step++)
        {
            port = first + ((start + step) % count);
            if ((even && (port & 1) != 0) || (pair && port + 1 > context.Options.MaxRelayPort))
                continue;
            if (!context.Table.IsRelayed(transport, seen.WithPort(port)) && !(pair && context.Table.IsRelayed(transport, seen.WithPort(port + 1))))
                return true;
        }

        port = 0;
        return false;
    }
}
