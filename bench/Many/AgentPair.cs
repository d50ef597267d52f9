using System.Net;
using Ice;
using Ice.Core;

namespace Bench;

/// <summary>Two agents of this process that are each other's peers over 127.0.0.1.</summary>
internal sealed class AgentPair : IAsyncDisposable
{
    private readonly IceAgent _left;
    private readonly IceAgent _right;

    /// <summary>Makes both and gathers: when this returns, what there is to signal is known.</summary>
    /// <param name="left">The options of the first, which many pairs may share.</param>
    /// <param name="right">Those of the second.</param>
    public AgentPair(IceAgentOptions left, IceAgentOptions right)
    {
        _left = new IceAgent(left);
        _right = new IceAgent(right);
        _left.StartGathering();
        _right.StartGathering();
    }

    /// <summary>What the settings of a figure say about the pacer.</summary>
    public static string DescribePacer(BenchSettings settings) => settings.ProcessPacer
        ? "the process's: a transaction every 5 ms over all agents"
        : "Pacer.Unshared: each agent keeps its own Ta of 50 ms, none is common to all";

    /// <summary>STUN messages that both have sent.</summary>
    public long StunSent => _left.GetStats().StunPacketsSent + _right.GetStats().StunPacketsSent;

    /// <summary>Consent checks that both have sent.</summary>
    public long ConsentSent => CountConsent(_left) + CountConsent(_right);

    public bool IsConnected => _left.State == IceConnectionState.Connected && _right.State == IceConnectionState.Connected;

    /// <summary>Signals each one's parameters and candidates to the other.</summary>
    public void Signal()
    {
        Signal(_left, _right);
        Signal(_right, _left);
    }

    /// <summary>Ends when both are connected.</summary>
    public Task ConnectedAsync() => Task.WhenAll(_left.ConnectAsync(), _right.ConnectAsync());

    public async ValueTask DisposeAsync()
    {
        await _left.DisposeAsync();
        await _right.DisposeAsync();
    }

    /// <summary>The options of all agents of a role.</summary>
    /// <param name="role">The role.</param>
    /// <param name="settings">What the command line asked for.</param>
    /// <param name="mux">What they are behind; null when they have sockets of their own.</param>
    public static IceAgentOptions Options(IceRole role, BenchSettings settings, IceUdpMux? mux = null)
    {
        // Agents that share the process's pacer take turns: one transaction every 5 ms.
        IceAgentOptions options = new() { Role = role, Pacer = settings.ProcessPacer ? null : Pacer.Unshared, IncludeLoopback = true };
        return mux is null
            ? options with { BindAddresses = [IPAddress.Loopback], SocketFactory = settings.SocketFactory }
            : options with { Mux = mux };
    }

    private static void Signal(IceAgent from, IceAgent to)
    {
        to.SetRemoteParameters(from.LocalParameters);
        foreach (IceCandidate candidate in from.LocalCandidates)
            to.AddRemoteCandidate(candidate);
        to.AddRemoteCandidate(null);
    }

    private static long CountConsent(IceAgent agent) => agent.GetStats().CandidatePairs.Sum(static pair => pair.ConsentRequestsSent);
}
