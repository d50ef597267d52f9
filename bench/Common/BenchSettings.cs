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

    /// <summary>How many pairs of agents at once; null as many as the benchmark takes by itself.</summary>
    public int? Pairs { get; init; }

    /// <summary>How long each interval is that something is measured over.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Whether many agents share the process's pacer, instead of each having its own.</summary>
    public bool ProcessPacer { get; init; }

    /// <summary>Whether idle agents are behind two muxes, one for each side, instead of having sockets of their own.</summary>
    public bool Mux { get; init; }

    /// <summary>Where to tell how far it is: standard error, seldom.</summary>
    public Progress Progress { get; init; } = new(TextWriter.Null);
}
