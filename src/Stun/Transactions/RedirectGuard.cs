namespace Stun;

/// <summary>Keeps a client that follows ALTERNATE-SERVER from going round in circles (RFC 8489 §10). One per request. Not thread-safe.</summary>
public sealed class RedirectGuard
{
    /// <summary>How many servers are asked for one request before redirections are no longer followed.</summary>
    public const int MaxServers = 16;

    private readonly List<(TransportAddress Server, Instant At)> _asked = [];

    /// <summary>Notes that the request goes to a server, if it may.</summary>
    /// <returns>False when it has gone there within the last five minutes, or to too many others: the transaction has failed.</returns>
    public bool TryAsk(TransportAddress server, Instant now)
    {
        // RFC 8489 §10: "If the client has been redirected to a server to which it has already sent this request within the last five
        // minutes, it MUST ignore the redirection and consider the transaction to have failed."
        _ = _asked.RemoveAll(entry => now - entry.At > TransactionLimits.RedirectMemory);
        if (_asked.Count >= MaxServers || _asked.Exists(entry => entry.Server == server))
            return false;
        _asked.Add((server, now));
        return true;
    }
}
