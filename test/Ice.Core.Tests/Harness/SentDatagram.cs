using Stun;

namespace Ice.Core.Tests.Harness;

/// <summary>A datagram that the agent under test sent.</summary>
/// <param name="At">When.</param>
/// <param name="Path">From which base to which address.</param>
/// <param name="Message">What.</param>
internal sealed record SentDatagram(Instant At, IcePath Path, WireMessage Message)
{
    public TransportAddress To => Path.Remote;

    /// <summary>A connectivity check or a consent check: a Binding request with a USERNAME.</summary>
    public bool IsCheck => Message.IsRequest && Message.Username is not null;

    public override string ToString() => $"{At} base {Path.Base.Value} -> {Path.Remote}: {Message}";
}
