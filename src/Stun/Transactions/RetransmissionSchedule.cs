namespace Stun;

/// <summary>When a request over an unreliable transport is sent again and when it is given up (RFC 8489 §6.2.1).</summary>
public sealed record RetransmissionSchedule
{
    /// <summary>The initial RTO that RFC 8489 recommends: 500 ms.</summary>
    public static readonly TimeSpan DefaultRto = TimeSpan.FromMilliseconds(500);

    /// <summary>Ti: how long a request over a reliable transport waits for its response (RFC 8489 §6.2.2), 39.5 s.</summary>
    public static readonly TimeSpan DefaultReliableTimeout = TimeSpan.FromSeconds(39.5);

    /// <summary>Makes a schedule.</summary>
    /// <param name="Rto">The time from the first transmission to the second; it doubles after each one. More than zero.</param>
    /// <param name="Rc">How many times the request is sent in all, 1 to 32.</param>
    /// <param name="Rm">How many RTOs after the last transmission the transaction has failed, at least 1.</param>
#pragma warning disable IDE1006 // the names of the RFC
    public RetransmissionSchedule(TimeSpan Rto, int Rc = 7, int Rm = 16)
#pragma warning restore IDE1006
    {
        this.Rto = Rto;
        this.Rc = Rc;
        this.Rm = Rm;
    }

    /// <summary>RTO 500 ms, Rc 7, Rm 16.</summary>
    public static RetransmissionSchedule Default { get; } = new(DefaultRto);

    /// <summary>The retransmission timeout: the time from the first transmission to the second. More than zero.</summary>
    public TimeSpan Rto
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(value, TimeSpan.Zero, nameof(Rto));
            field = value;
        }
    }

    /// <summary>The number of transmissions, 1 to 32.</summary>
    public int Rc
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Rc));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value, 32, nameof(Rc));
            field = value;
        }
    }

    /// <summary>The wait after the last transmission, in units of <see cref="Rto"/>, at least 1.</summary>
    public int Rm
    {
        get;
        init
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(value, 1, nameof(Rm));
            field = value;
        }
    }

    /// <summary>When the transaction has failed, after the first transmission: 39.5 s with the defaults.</summary>
    public TimeSpan TimeoutOffset => Multiply((1L << (Rc - 1)) - 1 + Rm);

    /// <summary>The schedule of a reliable transport: one transmission, then a wait.</summary>
    /// <param name="timeout">Ti; more than zero. <see cref="DefaultReliableTimeout"/> is what RFC 8489 §6.2.2 asks for.</param>
    public static RetransmissionSchedule Reliable(TimeSpan timeout) => new(timeout, Rc: 1, Rm: 1);

    /// <summary>When a transmission leaves, after the first one: 0, RTO, 3 RTO, 7 RTO ...</summary>
    /// <param name="transmission">0 for the first, up to <see cref="Rc"/> - 1.</param>
    public TimeSpan SendOffset(int transmission)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(transmission);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(transmission, Rc);
        // RFC 8489 §6.2.1: "A client SHOULD retransmit a STUN request message starting with an interval of RTO ("Retransmission
        // TimeOut"), doubling after each retransmission."
        return Multiply((1L << transmission) - 1);
    }

    /// <summary>How long to wait after a transmission: for the next one, or after the last one for the end.</summary>
    /// <param name="transmission">0 for the first, up to <see cref="Rc"/> - 1.</param>
    public TimeSpan WaitAfter(int transmission)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(transmission);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(transmission, Rc);
        // RFC 8489 §6.2.1: "If, after the last request, a duration equal to Rm times the RTO has passed without a response (providing
        // ample time to get a response if only this final request actually succeeds), the client SHOULD consider the transaction to have
        // failed."
        return Multiply(transmission == Rc - 1 ? Rm : 1L << transmission);
    }

    private TimeSpan Multiply(long factor)
    {
        Int128 ticks = (Int128)Rto.Ticks * factor;
        return ticks > TimeSpan.MaxValue.Ticks ? TimeSpan.MaxValue : new TimeSpan((long)ticks);
    }
}
