using System.Text;
using Stun;

namespace Turn;

/// <summary>The messages that wait to be sent to clients, encoded; and how each reply ends: SOFTWARE, integrity, FINGERPRINT.</summary>
/// <remarks>Buffers are used again: once warm, a reply costs no allocation.</remarks>
internal sealed class ReplyQueue(string? software, TurnServerCounters counters)
{
    /// <summary>The longest message to a client: the padding of RFC 5780 asks for an MTU.</summary>
    public const int MaxLength = 2048;

    private readonly byte[] _software = Encoding.UTF8.GetBytes(software ?? "");
    private readonly Queue<Reply> _waiting = new();
    private readonly Stack<byte[]> _free = new();

    public ReadOnlySpan<byte> Software => _software;

    /// <summary>A buffer to write a message into, to be given back with <see cref="Commit"/> or <see cref="Discard"/>.</summary>
    public byte[] Rent() => _free.TryPop(out byte[]? buffer) ? buffer : new byte[MaxLength];

    public void Discard(byte[] buffer)
    {
        if (_free.Count < 64)
            _free.Push(buffer);
    }

    public void Commit(byte[] buffer, int length, in FiveTuple path)
    {
        if (_waiting.Count >= TurnServerDefaults.MaxWaitingReplies)
        {
            counters.Drop(TurnServerDrop.ReplyQueueFull);
            Discard(buffer);
            return;
        }

        _waiting.Enqueue(new Reply(path, buffer, length));
    }

    /// <summary>Ends a response and queues it.</summary>
    public void Finish(ref StunWriter writer, byte[] buffer, in RequestContext request)
    {
        // RFC 8656 §5: "The server SHOULD include the SOFTWARE attribute in all Allocate and Refresh responses (either success or failure)
        // and MAY include it in other responses or indications."
        if (_software.Length > 0 && request.Method is StunMethod.Allocate or StunMethod.Refresh)
            writer.Add(StunAttributeType.Software, _software);
        if (request.Auth.Result.IsAuthenticated)
            LongTermServer.Sign(ref writer, request.Auth.Result);
        if (request.HasFingerprint)
            writer.AddFingerprint();
        Commit(buffer, writer.Length, request.Path);
    }

    /// <summary>Answers with success and without an attribute.</summary>
    public void Succeed(in RequestContext request)
    {
        byte[] buffer = Rent();
        var writer = new StunWriter(buffer, request.Method, StunClass.SuccessResponse, request.Id);
        counters.Success();
        Finish(ref writer, buffer, request);
    }

    /// <summary>Answers with an error.</summary>
    public void Refuse(in RequestContext request, int code)
    {
        byte[] buffer = Rent();
        var writer = new StunWriter(buffer, request.Method, StunClass.ErrorResponse, request.Id);
        writer.AddErrorCode(code);
        counters.Error(code);
        Finish(ref writer, buffer, request);
    }

    /// <summary>Answers with 420 and the types that were not understood.</summary>
    public void RefuseUnknown(in RequestContext request, ReadOnlySpan<ushort> types)
    {
        byte[] buffer = Rent();
        var writer = new StunWriter(buffer, request.Method, StunClass.ErrorResponse, request.Id);
        writer.AddErrorCode(StunErrorCode.UnknownAttribute);
        // RFC 8489 §6.3.1: "the server replies with an error response with an error code of 420 (Unknown Attribute) and includes an
        // UNKNOWN-ATTRIBUTES attribute in the response that lists the unknown comprehension-required attributes."
        writer.AddUnknownAttributes(types);
        counters.Error(StunErrorCode.UnknownAttribute);
        Finish(ref writer, buffer, request);
    }

    public bool TryDequeue(Span<byte> destination, out TurnServerTransmit transmit)
    {
        transmit = default;
        if (!_waiting.TryPeek(out Reply reply))
            return false;
        if (destination.Length < reply.Length)
            throw new ArgumentException($"The buffer has {destination.Length} bytes; {MaxLength} always suffice.", nameof(destination));
        _ = _waiting.Dequeue();
        reply.Buffer.AsSpan(0, reply.Length).CopyTo(destination);
        Discard(reply.Buffer);
        transmit = new TurnServerTransmit(reply.Path, reply.Length);
        return true;
    }

    private readonly record struct Reply(FiveTuple Path, byte[] Buffer, int Length);
}
