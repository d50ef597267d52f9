using Stun;

namespace Ice.Core;

/// <summary>A datagram that was decided on and is encoded when polled.</summary>
internal readonly record struct PendingSend
{
    private PendingSend(IcePath path) => Path = path;

    public IcePath Path { get; }

    /// <summary>A request of ours; null for responses and indications.</summary>
    public Transaction? Request { get; private init; }

    /// <summary>The peer's transaction that a response answers; for an indication its own.</summary>
    public TransactionId TransactionId { get; private init; }

    public StunClass Class { get; private init; }

    /// <summary>The key of MESSAGE-INTEGRITY; null sends none.</summary>
    public byte[]? Key { get; private init; }

    public int ErrorCode { get; private init; }

    /// <summary>The unknown attribute types of a 420.</summary>
    public ushort[]? UnknownAttributes { get; private init; }

    public static PendingSend ForRequest(Transaction request) => new(request.Path) { Request = request, Class = StunClass.Request };

    public static PendingSend ForSuccess(IcePath path, TransactionId id, byte[] key) =>
        new(path) { TransactionId = id, Class = StunClass.SuccessResponse, Key = key };

    public static PendingSend ForError(IcePath path, TransactionId id, int code, byte[]? key, ushort[]? unknown = null) =>
        new(path) { TransactionId = id, Class = StunClass.ErrorResponse, Key = key, ErrorCode = code, UnknownAttributes = unknown };

    public static PendingSend ForIndication(IcePath path, TransactionId id) => new(path) { TransactionId = id, Class = StunClass.Indication };
}
