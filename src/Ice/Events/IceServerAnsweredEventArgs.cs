using System.Net;

namespace Ice;

/// <summary>A server answered, or did not.</summary>
/// <param name="url">The server's URL.</param>
/// <param name="server">The address asked, or null.</param>
/// <param name="local">The local socket that asked, or null.</param>
/// <param name="succeeded">Whether there is an answer.</param>
/// <param name="elapsed">The time from the question to the answer or the failure.</param>
/// <param name="reason">Why not.</param>
public sealed class IceServerAnsweredEventArgs(string url, IPEndPoint? server, IPEndPoint? local, bool succeeded, TimeSpan elapsed, string? reason) : EventArgs
{
    /// <summary>The server's URL.</summary>
    public string Url { get; } = url;

    /// <summary>The address asked; null when the URL could not be resolved or is not supported.</summary>
    public IPEndPoint? Server { get; } = server;

    /// <summary>The local socket that asked; null when none did.</summary>
    public IPEndPoint? Local { get; } = local;

    /// <summary>Whether the server answered.</summary>
    public bool Succeeded { get; } = succeeded;

    /// <summary>The time from the first question to the answer or the failure.</summary>
    public TimeSpan Elapsed { get; } = elapsed;

    /// <summary>Why there is no answer; null on success.</summary>
    public string? Reason { get; } = reason;
}
