using Ice;

namespace IceTool.Gather;

/// <summary>What one server said to all of our sockets.</summary>
/// <param name="Url">The server.</param>
/// <param name="Answered">Whether it answered at least one.</param>
/// <param name="Fastest">Its fastest answer; null when there is none.</param>
/// <param name="Reason">Why there is none.</param>
internal sealed record ServerSummary(string Url, bool Answered, TimeSpan? Fastest, string? Reason)
{
    public static ServerSummary Of(string url, IEnumerable<IceServerAnsweredEventArgs> answers)
    {
        IceServerAnsweredEventArgs[] own = [.. answers.Where(a => string.Equals(a.Url, url, StringComparison.Ordinal))];
        IceServerAnsweredEventArgs[] good = [.. own.Where(a => a.Succeeded)];
        return good.Length > 0
            ? new ServerSummary(url, true, good.Min(a => a.Elapsed), null)
            : new ServerSummary(url, false, null, own.FirstOrDefault()?.Reason ?? "no local address can reach it: it is of another address family, or on loopback (--loopback takes those addresses)");
    }
}
