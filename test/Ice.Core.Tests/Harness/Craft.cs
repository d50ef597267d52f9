using System.Text;
using Stun;

namespace Ice.Core.Tests.Harness;

/// <summary>What goes into a request that a test forges. The defaults make a sound connectivity check.</summary>
internal sealed record Craft
{
    public StunMethod Method { get; init; } = StunMethod.Binding;

    public StunClass Class { get; init; } = StunClass.Request;

    public TransactionId? Id { get; init; }

    /// <summary>USERNAME; null leaves it out.</summary>
    public string? Username { get; init; }

    /// <summary>The key of MESSAGE-INTEGRITY; null leaves it out.</summary>
    public string? Password { get; init; }

    public uint? Priority { get; init; }

    public ulong? Controlling { get; init; }

    public ulong? Controlled { get; init; }

    public bool UseCandidate { get; init; }

    public bool Fingerprint { get; init; } = true;

    /// <summary>Further attributes, before MESSAGE-INTEGRITY.</summary>
    public IReadOnlyList<(ushort Type, byte[] Value)> Extra { get; init; } = [];

    public TransportAddress XorMapped { get; init; }

    public TransportAddress Mapped { get; init; }

    public int? ErrorCode { get; init; }

    public byte[] ToBytes(EntropySource entropy)
    {
        byte[] buffer = new byte[2048];
        var writer = new StunWriter(buffer, Method, Class, Id ?? TransactionId.Create(entropy));
        if (Username is not null)
            writer.AddText(StunAttributeType.Username, Username);
        if (ErrorCode is { } code)
            writer.AddErrorCode(code, "Reason");
        if (!XorMapped.IsNone)
            writer.AddXorAddress(StunAttributeType.XorMappedAddress, XorMapped);
        if (!Mapped.IsNone)
            writer.AddAddress(StunAttributeType.MappedAddress, Mapped);
        if (Priority is { } priority)
            writer.AddUInt32(StunAttributeType.Priority, priority);
        if (Controlling is { } controlling)
            writer.AddUInt64(StunAttributeType.IceControlling, controlling);
        if (Controlled is { } controlled)
            writer.AddUInt64(StunAttributeType.IceControlled, controlled);
        if (UseCandidate)
            writer.AddEmpty(StunAttributeType.UseCandidate);
        foreach ((ushort type, byte[] value) in Extra)
            writer.Add((StunAttributeType)type, value);
        if (Password is not null)
            writer.AddMessageIntegrity(Encoding.UTF8.GetBytes(Password));
        if (Fingerprint)
            writer.AddFingerprint();
        return writer.Written.ToArray();
    }
}
