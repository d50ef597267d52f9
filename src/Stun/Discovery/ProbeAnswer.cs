namespace Stun;

/// <summary>What is of interest in a response.</summary>
internal sealed record ProbeAnswer
{
    /// <summary>The error code; 0 of a success.</summary>
    public int Code { get; init; }

    public TransportAddress Mapped { get; init; }

    public TransportAddress Other { get; init; }

    public TransportAddress Source { get; init; }

    /// <summary>Whose socket it came to.</summary>
    public required ProbeSocket Socket { get; init; }

    public bool HasPadding { get; init; }

    public TimeSpan? RoundTrip { get; init; }

    public bool IsSuccess => Code == 0;

    /// <summary>What an error means here, in a sentence.</summary>
    public string Explain() => Code switch
    {
        // RFC 5780 §5: "Clients SHOULD ignore an ALTERNATE-SERVER attribute in a response unless they are using authentication with a provider of
        // STUN servers that is aware of the topology requirements of the tests being performed."
        StunErrorCode.TryAlternate => $"{Source} sends its clients to another server (300), which these tests cannot follow: name that server.",
        StunErrorCode.Unauthenticated => $"{Source} answers only who has credentials (401): take a STUN server that is open.",
        StunErrorCode.UnknownAttribute => $"{Source} does not know the attribute that asks for this (420): it does not support NAT behavior discovery.",
        _ => $"{Source} refused with error {Code} ({StunErrorCode.DefaultReason(Code)}).",
    };
}
