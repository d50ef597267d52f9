namespace Stun;

/// <summary>The numbers that RFC 8489 gives for transactions.</summary>
public static class TransactionLimits
{
    // RFC 8489 §6.2: "Absent other limits to the rate of new transactions (such as those specified by ICE for connectivity checks or when
    // STUN is run over TCP), a client SHOULD limit itself to ten outstanding transactions to the same server."

    /// <summary>How many transactions a client has outstanding to one server.</summary>
    public const int OutstandingPerServer = 10;

    // RFC 8489 §6.2.1: "The value SHOULD be considered stale and discarded if no transactions have occurred to the same server in the last
    // 10 minutes."

    /// <summary>How long a measured RTO is good for after the last transaction.</summary>
    public static readonly TimeSpan RtoLifetime = TimeSpan.FromMinutes(10);

    // RFC 8489 §10: "If the client has been redirected to a server to which it has already sent this request within the last five minutes,
    // it MUST ignore the redirection and consider the transaction to have failed."

    /// <summary>How long a client remembers to which servers it has sent a request.</summary>
    public static readonly TimeSpan RedirectMemory = TimeSpan.FromMinutes(5);
}
