using Stun;

namespace Turn;

/// <summary>A CreatePermission request (RFC 8656 §10.1): for the peers it is given, or for those that are due when it is sent.</summary>
internal sealed class ClientPermissionRequest(PermissionTable table, PermissionEntry[]? given) : ClientRequest(StunMethod.CreatePermission)
{
    private PermissionEntry[] _entries = given ?? [];

    public override bool IsUrgent => _entries.Length == 0 ? table.HasNew : Array.Exists(_entries, static entry => !entry.IsInstalled);

    public override bool MayStart(TurnClientState state) => state == TurnClientState.Allocated;

    public override bool Prepare(Instant now)
    {
        if (given is null && _entries.Length == 0)
            _entries = table.Collect(now);
        return _entries.Length > 0;
    }

    public override void Write(ref StunWriter writer)
    {
        // RFC 8656 §10.1: "the client MUST include at least one XOR-PEER-ADDRESS attribute and MAY include more than one such attribute."
        foreach (PermissionEntry entry in _entries)
            writer.AddPeer(entry.Peer);
    }

    public override void Succeed(scoped in StunMessage response, Instant sentAt, Instant now) => table.TakeInstalled(_entries, sentAt);

    public override void Fail(RequestError error, Instant now) => table.TakeError(_entries, error, now);
}
