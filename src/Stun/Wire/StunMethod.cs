namespace Stun;

/// <summary>The methods of the IANA registry "STUN Methods". A method is a 12-bit number; numbers without a name here are possible.</summary>
#pragma warning disable CA1027 // numbers of a registry, not flags
public enum StunMethod : ushort
#pragma warning restore CA1027
{
    /// <summary>Binding (RFC 8489): asks for the reflexive address, checks connectivity, keeps a NAT binding alive.</summary>
    Binding = 0x001,

    /// <summary>Reserved; was SharedSecret prior to RFC 5389.</summary>
    SharedSecret = 0x002,

    /// <summary>Allocate (RFC 8656).</summary>
    Allocate = 0x003,

    /// <summary>Refresh (RFC 8656).</summary>
    Refresh = 0x004,

    /// <summary>Send (RFC 8656): indication only.</summary>
    Send = 0x006,

    /// <summary>Data (RFC 8656): indication only.</summary>
    Data = 0x007,

    /// <summary>CreatePermission (RFC 8656).</summary>
    CreatePermission = 0x008,

    /// <summary>ChannelBind (RFC 8656).</summary>
    ChannelBind = 0x009,

    /// <summary>Connect (RFC 6062).</summary>
    Connect = 0x00A,

    /// <summary>ConnectionBind (RFC 6062).</summary>
    ConnectionBind = 0x00B,

    /// <summary>ConnectionAttempt (RFC 6062): indication only.</summary>
    ConnectionAttempt = 0x00C,

    /// <summary>GOOG-PING (Google's shortened connectivity check).</summary>
    GoogPing = 0x080,
}
