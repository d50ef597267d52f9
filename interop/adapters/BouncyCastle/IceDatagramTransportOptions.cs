using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ice.BouncyCastle;

/// <summary>How an <see cref="IceDatagramTransport"/> behaves. Immutable; the defaults suit a WebRTC-like peer.</summary>
public sealed record IceDatagramTransportOptions
{
    /// <summary>
    /// The largest datagram that DTLS sends, in bytes: 1,200 by default, which every IPv6 path carries (RFC 8200 §5: 1,280 with its headers), and less
    /// where the pair carries less (<see cref="IceComponent.PayloadMtu"/>). Longer handshake messages are sent in fragments; longer application data
    /// is refused by BouncyCastle.
    /// </summary>
    public int SendLimit { get; init; } = 1200;

    /// <summary>
    /// The largest datagram received, in bytes: 2,048 by default, as <see cref="IceAgentOptions.MaxDatagramSize"/>. Longer ones are dropped and counted.
    /// </summary>
    public int ReceiveLimit { get; init; } = 2048;

    /// <summary>How many datagrams wait for BouncyCastle to receive them: 64 by default. Further ones are dropped and counted.</summary>
    public int Slots { get; init; } = 64;

    /// <summary>
    /// Takes what is not DTLS (RFC 7983 §7), such as SRTP and SRTCP: the pair is shared with it. Called on one thread at a time, in the order of arrival;
    /// must not block and must not keep the span; an exception is logged. Null drops and counts such datagrams.
    /// </summary>
    public IceDatagramHandler? OtherDatagrams { get; init; }

    /// <summary>Where log entries go; nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;

    internal IceDatagramTransportOptions Checked()
    {
        const int Smallest = 256;
        if (SendLimit < Smallest || ReceiveLimit < Smallest || Slots < 1)
            throw new ArgumentException($"SendLimit and ReceiveLimit must be {Smallest} bytes at least, and Slots 1: they are {SendLimit}, {ReceiveLimit} and {Slots}.");
        return this;
    }
}
