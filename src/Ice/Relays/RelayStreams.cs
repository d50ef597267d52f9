using Ice.Core;
using Stun;

namespace Ice;

/// <summary>All streams of an agent to TURN servers. Every member is called under the driver's lock.</summary>
/// <remarks>
/// Each base opens a stream of its own to the server's address of its own family, so that IPv4 and IPv6 never wait for each other; of several
/// addresses of one family the first that answers wins (RFC 8305).
/// </remarks>
internal sealed class RelayStreams(IceAgent agent, AgentDriver driver)
{
    private readonly List<RelayStream> _streams = [];
    private readonly Dictionary<int, RelayTarget> _targets = [];

    /// <summary>What came over the streams.</summary>
    public RelayStreamCounts Counts { get; } = new();

    /// <summary>Says what is behind a server's number, before the machine learns of the server.</summary>
    public void AddTarget(int serverId, RelayTarget target) => _targets.Add(serverId, target);

    /// <summary>Begins to open a stream.</summary>
    public void Open(IceEvent.OpenRelayStream wanted)
    {
        RelayStream stream = new(wanted, _targets[wanted.Server.Id], driver.FindTransport(wanted.From)!, driver, agent.Options, agent.Logger);
        _streams.Add(stream);
        stream.Start(agent.Closing);
    }

    /// <summary>The stream that has a number.</summary>
    public RelayStream? Find(BaseId id) => _streams.Count == 0 ? null : FindOpen(id);

    private RelayStream? FindOpen(BaseId id) => _streams.Find(stream => stream.Link is not null && stream.Id == id);

    /// <summary>A server has failed for a base: its stream is of no use.</summary>
    public void Close(int serverId, BaseId from, string reason, Instant now)
    {
        foreach (RelayStream stream in _streams.Where(stream => stream.ServerId == serverId && stream.From == from && !stream.IsAbandoned).ToArray())
        {
            stream.Abandon();
            driver.Core.RelayStreamClosed(stream.RelayId, reason, now);
        }
    }

    /// <summary>A base has gone, and with it the relays reached from it.</summary>
    public void CloseFrom(BaseId from)
    {
        foreach (RelayStream stream in _streams.Where(stream => stream.From == from))
            stream.Abandon();
    }

    /// <summary>Forgets a stream that has ended.</summary>
    public void Forget(RelayStream stream)
    {
        if (_streams.Remove(stream))
            stream.Dispose();
    }

    /// <summary>What to wait for after closing.</summary>
    public Task[] GetTasks() => [.. _streams.Select(static stream => stream.Completion)];
}
