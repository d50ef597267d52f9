using Stun;

namespace Turn;

/// <summary>Limits how many challenges go to one address per second, in memory that never grows.</summary>
/// <remarks>
/// Addresses share a fixed number of buckets by a hash that an attacker cannot predict (the framework seeds it per process). Two addresses
/// in one bucket share its allowance: a client whose challenge was withheld retransmits.
/// </remarks>
internal sealed class ChallengeLimiter(int perSecond)
{
    public const int Buckets = 4096;

    // A burst of two seconds' worth.
    private readonly double _capacity = 2.0 * perSecond;
    private readonly Bucket[] _buckets = perSecond > 0 ? new Bucket[Buckets] : [];

    public bool TryTake(TransportAddress address, Instant now)
    {
        if (_buckets.Length == 0)
            return true;
        ref Bucket bucket = ref _buckets[(uint)address.WithPort(0).GetHashCode() % Buckets];
        // What was spent flows back with time.
        bucket.Spent = Math.Max(0, bucket.Spent - ((now - bucket.At).TotalSeconds * perSecond));
        bucket.At = now;
        if (bucket.Spent + 1 > _capacity)
            return false;
        bucket.Spent++;
        return true;
    }

    private struct Bucket
    {
        public Instant At;
        public double Spent;
    }
}
