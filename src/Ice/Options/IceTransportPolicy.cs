namespace Ice;

/// <summary>Which candidates an agent may use (the W3C's RTCIceTransportPolicy).</summary>
public enum IceTransportPolicy
{
    /// <summary>All.</summary>
    All,

    /// <summary>Relayed ones only: the peer learns the TURN server's address, never ours.</summary>
    Relay,
}
