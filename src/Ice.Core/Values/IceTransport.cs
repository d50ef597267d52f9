namespace Ice;

/// <summary>The transport protocol of a candidate.</summary>
public enum IceTransport
{
    /// <summary>UDP (RFC 8839 §5.1).</summary>
    Udp,

    /// <summary>TCP (RFC 6544): parsed and written, not yet paired.</summary>
    Tcp,

    /// <summary>A token that this library does not know: the candidate is kept as text and never paired.</summary>
    Other,
}
