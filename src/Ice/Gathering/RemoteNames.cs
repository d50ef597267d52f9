using System.Net;
using Stun;

namespace Ice;

/// <summary>Hands remote candidates to the machine; those with a name in place of an address (RFC 8839 §5.1) once the name is resolved. For agents that have met one.</summary>
/// <remarks>Guarded by the driver's lock; resolution runs outside of it. The number of names under way is bounded.</remarks>
internal sealed class RemoteNames(IceAgent agent, AgentDriver driver)
{
    private const int MaxUnderWay = 32;

    private readonly BoundedResolver _resolver = new(agent.Options, agent.Closing);
    private readonly HashSet<Task> _underWay = [];
    private readonly Dictionary<int, int> _pendingByStream = [];
    private readonly HashSet<int> _endedStreams = [];
    private int _session;

    /// <summary>Adds a candidate, or null for the end of candidates. Called inside a scope of the driver.</summary>
    public void Add(int stream, IceCandidate? candidate, Instant now)
    {
        if (candidate is null)
        {
            // What comes after the end of candidates is of no use, also when it has a name: the machine refuses it.
            if (_pendingByStream.GetValueOrDefault(stream) > 0)
                _endedStreams.Add(stream);
            else
                driver.AddRemoteCandidate(stream, null, now);
            return;
        }

        if (candidate.HostName is null)
        {
            driver.AddRemoteCandidate(stream, candidate, now);
            return;
        }

        _underWay.RemoveWhere(static task => task.IsCompleted);
        if (_underWay.Count >= MaxUnderWay)
        {
            Log.RemoteNameFailed(agent.Logger, candidate, $"{MaxUnderWay} other names are being resolved.");
            return;
        }

        _pendingByStream[stream] = _pendingByStream.GetValueOrDefault(stream) + 1;
        // Begins on another thread: a resolver's synchronous part must not run under the lock.
        int session = _session;
        Task resolution = Task.Run(() => ResolveAsync(stream, candidate, session), CancellationToken.None);
        _underWay.Add(resolution);
    }

    /// <summary>Names of the old session are of no interest any more. Called inside a scope of the driver.</summary>
    public void Restart()
    {
        _session++;
        _pendingByStream.Clear();
        _endedStreams.Clear();
    }

    /// <summary>Waits for what is under way, after closing.</summary>
    public async ValueTask WaitAsync()
    {
        Task[] tasks;
        using (driver.Enter())
            tasks = [.. _underWay];
        await Task.WhenAll(tasks).ConfigureAwait(false);
    }

    private async Task ResolveAsync(int stream, IceCandidate candidate, int session)
    {
        (IReadOnlyList<IPAddress> addresses, string? failure) = await _resolver.ResolveAsync(candidate.HostName!).ConfigureAwait(false);
        using AgentDriver.Scope scope = driver.Enter();
        if (driver.IsClosed || session != _session)
            return;
        // A name with several addresses stands for one candidate: the first that the agent can use.
        if (failure is not null)
            Log.RemoteNameFailed(agent.Logger, candidate, failure);
        else
            driver.AddRemoteCandidate(stream, candidate with { HostName = null, Address = TransportAddress.FromIPAddress(addresses[0], candidate.Port) }, scope.Now);
        if (--_pendingByStream[stream] == 0 && _endedStreams.Remove(stream))
            driver.AddRemoteCandidate(stream, null, scope.Now);
    }
}
