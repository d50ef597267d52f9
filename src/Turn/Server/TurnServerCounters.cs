using Stun;

namespace Turn;

/// <summary>What a server has done since it was made. Counters only grow. Read it on the thread that drives the server.</summary>
public sealed class TurnServerCounters
{
    private readonly long[] _drops = new long[Enum.GetValues<TurnServerDrop>().Length];
    private readonly long[] _errors = new long[StunErrorCode.Max - StunErrorCode.Min + 1];

    /// <summary>Requests that were answered with success.</summary>
    public long Successes { get; private set; }

    /// <summary>Allocations made.</summary>
    public long Allocations { get; internal set; }

    /// <summary>Datagrams relayed to peers.</summary>
    public long DatagramsToPeers { get; private set; }

    /// <summary>Bytes of application data relayed to peers.</summary>
    public long BytesToPeers { get; private set; }

    /// <summary>Datagrams relayed to clients.</summary>
    public long DatagramsToClients { get; private set; }

    /// <summary>Bytes of application data relayed to clients.</summary>
    public long BytesToClients { get; private set; }

    /// <summary>How much was dropped without an answer, for a reason.</summary>
    public long GetDropped(TurnServerDrop reason) => _drops[(int)reason];

    /// <summary>How many requests were answered with an error code.</summary>
    public long GetErrors(int code) => code is >= StunErrorCode.Min and <= StunErrorCode.Max ? _errors[code - StunErrorCode.Min] : 0;

    internal void Drop(TurnServerDrop reason) => _drops[(int)reason]++;

    internal void Error(int code) => _errors[code - StunErrorCode.Min]++;

    internal void Success() => Successes++;

    internal void ToPeer(int bytes)
    {
        DatagramsToPeers++;
        BytesToPeers += bytes;
    }

    internal void ToClient(int bytes)
    {
        DatagramsToClients++;
        BytesToClients += bytes;
    }
}
