using System.Net;
using Ice.Net;

namespace Ice;

/// <summary>Where an <see cref="IceUdpBridge"/> meets its application. Immutable; checked when the bridge starts.</summary>
public sealed record IceUdpBridgeOptions
{
    /// <summary>The address and port that the application sends to: 127.0.0.1 and a port of the system's choice by default.</summary>
    public IPEndPoint Local { get; init; } = new(IPAddress.Loopback, 0);

    /// <summary>
    /// The application's address and port, of the family of <see cref="Local"/>; any address, for it was named. Null, the default, takes the sender
    /// of the first datagram that comes, and keeps to it.
    /// </summary>
    public IPEndPoint? Application { get; init; }

    /// <summary>Whether that first datagram may come from another host. False by default: senders on loopback addresses only.</summary>
    public bool AcceptRemoteApplication { get; init; }

    /// <summary>
    /// Whether the application may send from other ports of its address than the one it receives on, as GStreamer's and FFmpeg's senders do. False by
    /// default: from that one only.
    /// </summary>
    public bool AnySourcePort { get; init; }

    /// <summary>
    /// How many datagrams wait, in each direction, for a pair to be selected or for the application to be known: 32 by default, 1,024 at most.
    /// A DTLS or QUIC handshake that begins too early then costs no retransmission. Few, because they all arrive at once in the end.
    /// </summary>
    public int HeldDatagrams { get; init; } = 32;

    /// <summary>Which datagram is given up (and counted) when so many wait: the oldest by default, so that what arrives goes on without a gap.</summary>
    public IceReceiveDropPolicy HeldDropPolicy { get; init; } = IceReceiveDropPolicy.DropOldest;

    /// <summary>Opens the socket; null opens the system's.</summary>
    public Func<IPEndPoint, IDatagramSocket>? SocketFactory { get; init; }

    internal void Validate()
    {
        Require(Local is not null, "Local must not be null: leave it out to have 127.0.0.1 and a port of the system's choice.");
        Require(Application is null || Application.AddressFamily == Local!.AddressFamily,
            $"Application is {Application} and Local is {Local}: both must be IPv4, or both IPv6.");
        Require(Application is null || (Application.Port > 0 && !Application.Address.Equals(IPAddress.Any) && !Application.Address.Equals(IPAddress.IPv6Any)),
            $"Application is {Application}: name the address and the port that the application receives on, such as 127.0.0.1:5001.");
        Require(HeldDatagrams is >= 1 and <= 1024, $"HeldDatagrams is {HeldDatagrams} and must be 1 to 1,024; 32 is the default.");
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new ArgumentException(message);
    }
}
