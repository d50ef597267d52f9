namespace Stun;

/// <summary>Estimates the RTO of one server from round-trip times (RFC 8489 §6.2.1, RFC 6298 §2). Not thread-safe.</summary>
public sealed class RtoEstimator
{
    private readonly TimeSpan _minimum;
    private TimeSpan _smoothed;
    private TimeSpan _variation;
    private bool _measured;

    /// <summary>Makes an estimator without measurements.</summary>
    /// <param name="minimum">The RTO before the first measurement, and the least one after it; more than zero.</param>
    public RtoEstimator(TimeSpan minimum)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(minimum, TimeSpan.Zero);
        _minimum = minimum;
        Rto = minimum;
    }

    /// <summary>The RTO in whole milliseconds.</summary>
    public TimeSpan Rto { get; private set; }

    /// <summary>Takes a measurement. Only those of requests that were sent once count (Karn's algorithm): see <see cref="StunTransaction{TState}.RoundTrip"/>.</summary>
    public void Sample(TimeSpan roundTrip)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(roundTrip, TimeSpan.Zero);
        if (_measured)
        {
            _variation = (_variation * 0.75) + ((_smoothed - roundTrip).Duration() * 0.25);
            _smoothed = (_smoothed * 0.875) + (roundTrip * 0.125);
        }
        else
        {
            _smoothed = roundTrip;
            _variation = roundTrip / 2;
            _measured = true;
        }

        // RFC 8489 §6.2.1: "Second, the value of RTO SHOULD NOT be rounded up to the nearest second. Rather, a 1 ms accuracy SHOULD be
        // maintained."
        var rto = TimeSpan.FromMilliseconds(Math.Ceiling((_smoothed + (_variation * 4)).TotalMilliseconds));
        Rto = rto < _minimum ? _minimum : rto;
    }
}
