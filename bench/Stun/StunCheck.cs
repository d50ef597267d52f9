using Stun;

namespace Bench;

/// <summary>The connectivity check that the codec is measured with: 92 bytes with the attributes of a nominating check, in pion's order.</summary>
internal static class StunCheck
{
    public const string Username = "h6vY:evtj";
    public const string Password = "VOkJxbRl1RmTxUk/WvJxBt";
    public const ulong TieBreaker = 0x932FF9B151263B36;
    public const uint Priority = 0x6E7F1EFF;
    public const int Length = 92;

    /// <summary>How many of its bytes MESSAGE-INTEGRITY covers.</summary>
    public const int Covered = 60;

    public static readonly StunKey Key = new("VOkJxbRl1RmTxUk/WvJxBt"u8);
    public static readonly TransactionId Id = TransactionId.From([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);

    /// <summary>The settings of a figure.</summary>
    public static IReadOnlyDictionary<string, string> Describe(int runs, int operations, string baseline) => new Dictionary<string, string>
    {
        ["message"] = $"{Length} bytes: USERNAME, USE-CANDIDATE, ICE-CONTROLLING, PRIORITY, MESSAGE-INTEGRITY, FINGERPRINT",
        ["baseline"] = baseline,
        ["runs"] = $"{runs} of {operations} operations each, in turns; medians",
        ["time"] = "of the processor, all threads of a process",
    };

    /// <summary>Writes the check and signs it, as the agent does.</summary>
    /// <returns>Its length.</returns>
    public static int Write(Span<byte> buffer, TransactionId id)
    {
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, id);
        writer.AddText(StunAttributeType.Username, Username);
        writer.AddEmpty(StunAttributeType.UseCandidate);
        writer.AddUInt64(StunAttributeType.IceControlling, TieBreaker);
        writer.AddUInt32(StunAttributeType.Priority, Priority);
        writer.AddMessageIntegrity(Key);
        writer.AddFingerprint();
        return writer.Length;
    }

    /// <summary>Parses the check and verifies it, and reads what a controlled agent needs of it.</summary>
    public static bool Read(ReadOnlySpan<byte> datagram) =>
        StunMessage.TryParse(datagram, out StunMessage message, out _)
        && message.HasFingerprint
        && message.TryGet(StunAttributeType.Username, out ReadOnlySpan<byte> username)
        && username.SequenceEqual("h6vY:evtj"u8)
        && message.VerifyMessageIntegrity(Key)
        && message.TryGetUInt32(StunAttributeType.Priority, out uint priority)
        && message.TryGetUInt64(StunAttributeType.IceControlling, out ulong tieBreaker)
        && message.Has(StunAttributeType.UseCandidate)
        && priority == Priority
        && tieBreaker == TieBreaker;
}
