using Stun;

namespace Turn;

/// <summary>When an allocation that was refused may be asked for again (RFC 8656 §7.4).</summary>
internal static class AllocateErrors
{
    /// <summary>After how long; null when something else has to change first.</summary>
    public static TimeSpan? RetryAfter(RequestError error, TurnClientOptions options) => error.Failure switch
    {
        TurnFailure.Timeout or TurnFailure.IntegrityViolated => TimeSpan.Zero,
        TurnFailure.Refused => RetryAfter(error.Code, options),
        _ => null,
    };

    private static TimeSpan? RetryAfter(int code, TurnClientOptions options) => code switch
    {
        // RFC 8656 §7.4: "The client SHOULD wait at least 1 minute before trying to create any more allocations on the server."
        StunErrorCode.AllocationQuotaReached => TurnDefaults.CapacityWait,
        // RFC 8656 §7.4: "If the client is using either the EVEN-PORT or the RESERVATION-TOKEN attribute, then the client MAY choose to
        // remove or modify this attribute and try again immediately." That takes another client; this one would ask the same again.
        StunErrorCode.InsufficientCapacity => options.EvenPort != TurnEvenPort.No || options.ReservationToken is not null ? null : TurnDefaults.CapacityWait,
        // RFC 8489 §6.3.4: "If the error code is 500 through 599, the client MAY resend the request; clients that do so MUST limit the number
        // of times they do this." The owner decides.
        >= 500 and < 600 => TimeSpan.Zero,
        _ => null,
    };
}
