using Stun;

namespace Ice.Simulation;

/// <summary>A STUN server that answers Binding requests (RFC 8489 §6.3.1), and nothing else.</summary>
public sealed class SimStunServer
{
    private readonly SimSocket _socket;

    /// <summary>Opens a server.</summary>
    /// <param name="host">The host that it runs on.</param>
    /// <param name="address">An address of the host; port 0 means 3478.</param>
    public SimStunServer(SimHost host, TransportAddress address)
    {
        ArgumentNullException.ThrowIfNull(host);
        _socket = host.Bind(address.Port == 0 ? address.WithPort(3478) : address);
        _socket.OnReceive(Answer);
    }

    /// <summary>Where it listens.</summary>
    public TransportAddress Address => _socket.LocalAddress;

    /// <summary>Whether it ignores every request, as a server does that is down.</summary>
    public bool IsSilent { get; set; }

    /// <summary>How many requests arrived.</summary>
    public long Requests { get; private set; }

    private void Answer(SimSocket socket, TransportAddress remote, ReadOnlySpan<byte> datagram)
    {
        if (!StunMessage.TryParse(datagram, out StunMessage request, out _) || request.Type != new StunType(StunMethod.Binding, StunClass.Request))
            return;
        Requests++;
        if (IsSilent)
            return;
        Span<byte> buffer = stackalloc byte[128];
        var response = new StunWriter(buffer, StunMethod.Binding, StunClass.SuccessResponse, request.TransactionId);
        // RFC 8489 §6.3.1.1: "the server adds an XOR-MAPPED-ADDRESS attribute to the response; this attribute contains the source
        // transport address of the request message."
        response.AddXorAddress(StunAttributeType.XorMappedAddress, remote);
        response.AddFingerprint();
        socket.Send(remote, response.Written);
    }
}
