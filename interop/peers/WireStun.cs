using Stun;

namespace PeersInterop;

/// <summary>What a STUN message says that matters to ICE.</summary>
internal sealed record WireStun(StunClass Class, TransactionId Transaction)
{
    /// <summary>USERNAME: the receiver's fragment, a colon, the sender's.</summary>
    public string Username { get; private init; } = "";

    public bool UseCandidate { get; private init; }

    /// <summary>The sender's role in a request; null without one.</summary>
    public string? Role { get; private init; }

    /// <summary>The tie-breaker beside the role.</summary>
    public ulong TieBreaker { get; private init; }

    /// <summary>PRIORITY; 0 without one.</summary>
    public uint Priority { get; private init; }

    /// <summary>ERROR-CODE; 0 without one.</summary>
    public int Error { get; private init; }

    public override string ToString() =>
        $"{Class} {Transaction}{(Username.Length > 0 ? $" {Username}" : "")}{(Role is null ? "" : $" {Role} priority {Priority}")}{(UseCandidate ? " USE-CANDIDATE" : "")}{(Error > 0 ? $" {Error}" : "")}";

    public static WireStun? Read(ReadOnlySpan<byte> payload)
    {
        if (!StunMessage.TryParse(payload, out StunMessage message, out _) || message.Method != StunMethod.Binding)
            return null;
        string? role = message.Has(StunAttributeType.IceControlling) ? "controlling" : message.Has(StunAttributeType.IceControlled) ? "controlled" : null;
        _ = message.TryGetText(StunAttributeType.Username, out string? username);
        _ = message.TryGetUInt64(role == "controlling" ? StunAttributeType.IceControlling : StunAttributeType.IceControlled, out ulong tieBreaker);
        _ = message.TryGetUInt32(StunAttributeType.Priority, out uint priority);
        _ = message.TryGetErrorCode(out int error, out _);
        return new WireStun(message.Class, message.TransactionId)
        {
            Username = username ?? "",
            UseCandidate = message.Has(StunAttributeType.UseCandidate),
            Role = role,
            TieBreaker = tieBreaker,
            Priority = priority,
            Error = error,
        };
    }
}
