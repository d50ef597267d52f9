namespace Stun;

/// <summary>A Binding request of a <see cref="NatBehaviorProbe"/>.</summary>
internal sealed class ProbeRequest
{
    /// <summary>CHANGE-REQUEST: another address (RFC 5780 §7.2).</summary>
    public const uint ChangeAddress = 4;

    /// <summary>CHANGE-REQUEST: another port.</summary>
    public const uint ChangePort = 2;

    public required ProbeSocket Socket { get; init; }

    public required TransportAddress Destination { get; init; }

    /// <summary>Hears of the answer, or with null that none came. An answer that is late comes after the null.</summary>
    public required Action<ProbeRequest, ProbeAnswer?, Instant> Ended { get; init; }

    public TransactionId Id { get; set; }

    /// <summary>The flags of CHANGE-REQUEST; 0 leaves it out.</summary>
    public uint Change { get; init; }

    /// <summary>Where the answer comes from when CHANGE-REQUEST is honored.</summary>
    public TransportAddress ChangedSource { get; init; }

    /// <summary>Whose mapping the answer is to be sent to by RESPONSE-PORT; null leaves it out.</summary>
    public ProbeSocket? Responder { get; init; }

    public int ResponsePort { get; init; }

    /// <summary>The length of PADDING; 0 leaves it out.</summary>
    public int Padding { get; init; }

    /// <summary>The socket that gets this request itself if the NAT hairpins; it is not answered.</summary>
    public ProbeSocket? HairpinTarget { get; init; }

    /// <summary>Null for the usual one.</summary>
    public RetransmissionSchedule? Schedule { get; init; }

    /// <summary>Whether the answer shows a mapping that counts for <see cref="NatBehavior.Samples"/>.</summary>
    public bool IsSample { get; init; }

    /// <summary>The place of its first transmission among all.</summary>
    public int Order { get; set; }

    public int Transmissions { get; set; }

    public bool IsAnswered { get; set; }

    /// <summary>Whether it waits in the queue of what leaves.</summary>
    public bool IsLeaving { get; set; }

    public bool IsCancelled { get; set; }

    /// <summary>Whether nothing but loss keeps the answer away.</summary>
    public bool IsPlain => Change == 0 && Responder is null && Padding == 0 && HairpinTarget is null;

    /// <summary>Whether the answer may come from there.</summary>
    public bool MayAnswer(TransportAddress source, ProbeSocket at) =>
        (source == Destination || (Change != 0 && source == ChangedSource)) && (at == Socket || at == Responder);
}
