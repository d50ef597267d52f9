using Stun;
using Turn;

namespace Ice.Core;

/// <summary>All TURN servers that the agent uses, each from each base of a fitting family.</summary>
internal sealed class RelayTable(AgentContext agent)
{
    private Relay[] _relays = [];
    private int _lastId;
    private int _lastBase;

    public Relay[] All => _relays;

    public bool AllConcluded => Array.TrueForAll(_relays, static r => r.Concluded);

    public bool HasWaiting => Array.Exists(_relays, static r => r.Client?.HasWaiting == true);

    public bool WaitingIsUrgent => Array.Exists(_relays, static r => r.Client is { HasWaiting: true, NextIsUrgent: true });

    public Instant NextTimeout(TimeSpan? gatheringTimeout)
    {
        Instant next = Instant.Never;
        foreach (Relay relay in _relays)
        {
            next = Instant.Min(next, relay.Client?.NextTimeout ?? Instant.Never);
            if (!relay.Concluded && gatheringTimeout is { } limit)
                next = Instant.Min(next, relay.StartedAt + limit);
        }

        return next;
    }

    public Relay Add(LocalBase from, GatheringServer server, int serverIndex, Instant now)
    {
        var relay = new Relay(++_lastId, from, server, serverIndex, now);
        _relays = [.. _relays, relay];
        if (relay.Settings.Transport == RelayTransport.Udp)
            Start(relay, now);
        else
            agent.Events.Add(new IceEvent.OpenRelayStream(relay.Id, from.Id, server));
        return relay;
    }

    public Relay? FindById(int id) => Array.Find(_relays, r => r.Id == id);

    /// <summary>The relay whose server is at the other end of a path.</summary>
    public Relay? Find(IcePath path)
    {
        foreach (Relay relay in _relays)
        {
            if (relay.Via == path.Base && relay.Client?.Server == path.Remote)
                return relay;
        }

        return null;
    }

    /// <summary>The base that is a relayed address.</summary>
    public LocalBase? FindBase(BaseId id)
    {
        foreach (Relay relay in _relays)
        {
            foreach (LocalBase localBase in relay.Bases)
            {
                if (localBase.Id == id)
                    return localBase;
            }
        }

        return null;
    }

    public void Remove(Relay relay) => _relays = Array.FindAll(_relays, other => other != relay);

    /// <summary>Makes the client and has it allocate.</summary>
    public void Start(Relay relay, Instant now)
    {
        relay.Client = new TurnClient(OptionsFor(relay), agent.Entropy, now);
        relay.Client.Allocate(now);
    }

    /// <summary>Makes the bases of the relayed addresses.</summary>
    public void TakeAllocated(Relay relay, TurnClientEvent.Allocated allocated)
    {
        relay.Concluded = true;
        relay.Mapped = allocated.Mapped;
        foreach (TransportAddress relayed in (ReadOnlySpan<TransportAddress>)[allocated.IPv6, allocated.IPv4])
        {
            if (relayed.IsNone)
                continue;
            // Relayed bases have negative numbers, sockets those that the driver gives.
            var traits = relay.From.Traits with { LocalPreference = PreferenceOf(relay) };
            relay.Bases.Add(new LocalBase(new BaseId(--_lastBase), relay.From.Component, relayed, traits) { Relay = relay });
        }
    }

    /// <summary>Sends the next request that waits: its token has been taken. Urgent ones go first.</summary>
    public void StartNext(Instant now)
    {
        Relay? next = Array.Find(_relays, static r => r.Client is { HasWaiting: true, NextIsUrgent: true }) ?? Array.Find(_relays, static r => r.Client?.HasWaiting == true);
        next?.Client!.StartNext(now);
    }

    public void Tick(Instant now)
    {
        foreach (Relay relay in _relays)
        {
            if (relay.Client?.NextTimeout <= now)
                relay.Client.HandleTimeout(now);
        }
    }

    /// <summary>Takes the next datagram for a server.</summary>
    public bool TryTake(Span<byte> buffer, out Transmit transmit)
    {
        foreach (Relay relay in _relays)
        {
            if (relay.Client is { } client && client.TryGetTransmit(buffer, out int length))
            {
                transmit = new Transmit(relay.ServerPath, length);
                return true;
            }
        }

        transmit = default;
        return false;
    }

    public void Close(Instant now)
    {
        foreach (Relay relay in _relays)
        {
            // The pace does not matter any more: one Refresh with a lifetime of zero each, and nobody waits for the answers.
            relay.Client?.Close(now);
            while (relay.Client?.HasWaiting == true && relay.Client.StartNext(now))
            {
            }
        }
    }

    // RFC 8445 §5.1.2.2: "If multiple TURN servers are used, local priorities for the candidates obtained from the TURN servers are chosen in
    // a similar fashion as for multihomed local candidates". A server over UDP is better than one over TCP.
    private static int PreferenceOf(Relay relay) =>
        Math.Max(relay.From.Traits.LocalPreference - ((int)relay.Settings.Transport * 64) - Math.Min(relay.ServerIndex, 63), 0);

    private TurnClientOptions OptionsFor(Relay relay) => new()
    {
        Server = relay.Server.Address,
        Credential = relay.Settings.Credential,
        Reliable = relay.Settings.Transport is RelayTransport.Tcp or RelayTransport.Tls,
        Secured = relay.Settings.Transport is RelayTransport.Tls or RelayTransport.Dtls,
        RelayFamily = relay.Settings switch
        {
            { IPv4: true, IPv6: true } => TurnRelayFamily.Both,
            { IPv6: true } => TurnRelayFamily.IPv6,
            _ => TurnRelayFamily.Default,
        },
        PacedExternally = true,
        Software = agent.Options.Software,
    };
}
