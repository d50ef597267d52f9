using System.Net;
using Ice.Net;

namespace Bench;

/// <summary>What the command line asked for.</summary>
/// <param name="Runs">How often to measure.</param>
/// <param name="SocketFactory">What opens the agents' sockets; null as they do by themselves.</param>
internal sealed record BenchSettings(int Runs, Func<IPEndPoint, IDatagramSocket>? SocketFactory)
{
    /// <summary>The peer to measure beside ours, in turns; null for none. The runner has checked that the benchmark knows it.</summary>
    public string? Against { get; init; }

    /// <summary>Where to tell how far it is: standard error, seldom.</summary>
    public Progress Progress { get; init; } = new(TextWriter.Null);
}
