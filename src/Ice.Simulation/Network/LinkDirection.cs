using Stun;

namespace Ice.Simulation;

/// <summary>One direction of a <see cref="Link"/>.</summary>
public sealed class LinkDirection
{
    private readonly SimNetwork _network;
    private readonly SimRandom _random;
    private LinkConditions _conditions;
    private Instant _lastArrival;
    private bool _bad;

    internal LinkDirection(SimNetwork network, LinkConditions conditions)
    {
        _network = network;
        _random = network.Random.Fork();
        _conditions = conditions;
        _lastArrival = network.Now;
    }

    /// <summary>What happens to packets from now on; those on their way are not touched.</summary>
    public LinkConditions Conditions
    {
        get => _conditions;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            _conditions = value;
        }
    }

    /// <summary>Whether every packet is dropped.</summary>
    public bool IsCut { get; set; }

    /// <summary>How many packets were given to it.</summary>
    public long Offered { get; private set; }

    /// <summary>How many it lost by chance.</summary>
    public long Lost { get; private set; }

    /// <summary>How many it delivered a second time.</summary>
    public long Duplicated { get; private set; }

    /// <summary>How many it held back.</summary>
    public long Reordered { get; private set; }

    internal void Carry(in SimPacket packet, Action<SimPacket> arrive, Attachment where)
    {
        Offered++;
        if (IsCut)
        {
            where.Drop(packet, PacketDropCause.LinkCut);
        }
        else if (packet.IPLength > _conditions.Mtu)
        {
            where.Drop(packet, PacketDropCause.TooBig);
        }
        else if (_conditions.Loss.Loses(_random, ref _bad))
        {
            Lost++;
            where.Drop(packet, PacketDropCause.Loss);
        }
        else
        {
            ScheduleArrival(packet, arrive);
            if (_random.Chance(_conditions.Duplicate))
            {
                Duplicated++;
                ScheduleArrival(packet, arrive);
            }
        }
    }

    private void ScheduleArrival(SimPacket packet, Action<SimPacket> arrive)
    {
        Instant at = _network.Now + _conditions.Latency + _random.UpTo(_conditions.Jitter);
        if (_random.Chance(_conditions.Reorder))
        {
            Reordered++;
            at += _random.UpTo(_conditions.ReorderHold);
        }
        else
        {
            at = Instant.Max(at, _lastArrival);
            _lastArrival = at;
        }

        _network.Schedule(at, () => arrive(packet));
    }
}
