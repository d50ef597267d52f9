using Turn;

namespace Ice.Server;

/// <summary>A snapshot of what a <see cref="TurnServer"/> has done.</summary>
public sealed record TurnServerStatistics
{
    private readonly long[] _dropped;
    private readonly long[] _errors;

    internal TurnServerStatistics(TurnServerCounters counters)
    {
        _dropped = [.. Enum.GetValues<TurnServerDrop>().Select(counters.GetDropped)];
        _errors = [.. Enumerable.Range(0, 700).Select(counters.GetErrors)];
        Successes = counters.Successes;
        AllocationsMade = counters.Allocations;
        DatagramsToPeers = counters.DatagramsToPeers;
        BytesToPeers = counters.BytesToPeers;
        DatagramsToClients = counters.DatagramsToClients;
        BytesToClients = counters.BytesToClients;
    }

    /// <summary>Allocations that there are.</summary>
    public int Allocations { get; init; }

    /// <summary>Relay sockets and listeners that are open.</summary>
    public int Relays { get; init; }

    /// <summary>TCP and TLS streams of clients that are open.</summary>
    public int Streams { get; init; }

    /// <summary>Streams that were closed at once, because there were too many.</summary>
    public long RefusedStreams { get; init; }

    /// <summary>Messages and datagrams that the system or a slow stream did not take.</summary>
    public long SendFailures { get; init; }

    /// <summary>Requests answered with success.</summary>
    public long Successes { get; }

    /// <summary>Allocations made since the start.</summary>
    public long AllocationsMade { get; }

    /// <summary>Datagrams relayed to peers.</summary>
    public long DatagramsToPeers { get; }

    /// <summary>Bytes relayed to peers.</summary>
    public long BytesToPeers { get; }

    /// <summary>Datagrams relayed to clients.</summary>
    public long DatagramsToClients { get; }

    /// <summary>Bytes relayed to clients.</summary>
    public long BytesToClients { get; }

    /// <summary>How much was dropped for a reason.</summary>
    public long GetDropped(TurnServerDrop reason) => _dropped[(int)reason];

    /// <summary>How many requests were answered with an error code.</summary>
    public long GetErrors(int code) => code >= 0 && code < _errors.Length ? _errors[code] : 0;
}
