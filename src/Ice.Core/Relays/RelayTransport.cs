namespace Ice.Core;

/// <summary>How a TURN server is reached. The relayed candidates carry UDP whatever it is (RFC 8656 §2.1).</summary>
public enum RelayTransport
{
    /// <summary>UDP, from the sockets of the host candidates.</summary>
    Udp,

    /// <summary>TCP: the driver opens a stream.</summary>
    Tcp,

    /// <summary>TLS over TCP: the driver opens a stream and checks the certificate.</summary>
    Tls,

    /// <summary>DTLS over UDP (RFC 7350): the driver makes the association.</summary>
    Dtls,
}
