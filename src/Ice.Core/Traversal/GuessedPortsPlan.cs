using Stun;

namespace Ice.Core;

/// <summary>Probes ports of the peer's NAT at random, none twice: one of its many sockets may have it.</summary>
internal sealed class GuessedPortsPlan : ProbePlan
{
    private const int Count = PortPattern.LastPort - PortPattern.FirstPort + 1;

    private readonly RemoteMapping _remote;
    private readonly IReadOnlyList<LocalBase> _bases;
    private readonly int _limit;
    private readonly int _start;
    private readonly int _stride;

    public GuessedPortsPlan(RemoteMapping remote, IReadOnlyList<LocalBase> bases, int limit, EntropySource entropy)
    {
        _remote = remote;
        _bases = bases;
        _limit = Math.Min(limit, Count * bases.Count * remote.Addresses.Count);
        _start = (int)(entropy.NextUInt64() % Count);
        // A stride without a common divisor with the number of ports (2^10 * 3^2 * 7) meets each port once.
        do
            _stride = (int)(entropy.NextUInt64() % Count) | 1;
        while (_stride % 3 == 0 || _stride % 7 == 0);
    }

    public override bool TryNext(Instant now, out IcePath path, out Instant retryAt)
    {
        path = default;
        retryAt = Instant.Never;
        IsExhausted = Given >= _limit;
        if (IsExhausted)
            return false;
        int each = Given / _bases.Count;
        int port = PortPattern.FirstPort + (int)((_start + ((long)(each / _remote.Addresses.Count) * _stride)) % Count);
        path = new IcePath(_bases[Given % _bases.Count].Id, _remote.Addresses[each % _remote.Addresses.Count].WithPort(port));
        Given++;
        return true;
    }
}
