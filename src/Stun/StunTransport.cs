namespace Stun;

/// <summary>What a client speaks STUN or TURN over, encryption not counted.</summary>
public enum StunTransport
{
    /// <summary>UDP; DTLS where the scheme is secure.</summary>
    Udp,

    /// <summary>TCP; TLS where the scheme is secure.</summary>
    Tcp,
}
