using System.Text.Json.Nodes;

namespace PeersInterop;

/// <summary>What a case works with: the peer, and the processes that it starts, which end with it.</summary>
internal sealed class CaseContext(PeerKinds kinds, PeerKind kind, Wire wire, CancellationToken cancellationToken) : IAsyncDisposable
{
    private readonly List<PeerProcess> _processes = [];

    public PeerKind Kind => kind;

    public Wire Wire => wire;

    public CancellationToken Cancellation => cancellationToken;

    public PeerProcess StartOurs(string host, JsonObject config) => Keep(PeerProcess.Start("ours", host, kinds.Ours.Command, config));

    public PeerProcess StartTheirs(string host, JsonObject config) => Keep(PeerProcess.Start(kind.Name, host, kind.Command, config));

    public async ValueTask DisposeAsync() => await Task.WhenAll(_processes.Select(p => p.DisposeAsync().AsTask()));

    private PeerProcess Keep(PeerProcess process)
    {
        _processes.Add(process);
        return process;
    }
}
