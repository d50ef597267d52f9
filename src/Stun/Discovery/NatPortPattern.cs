namespace Stun;

/// <summary>Which external ports a NAT gives to one mapping after another (RFC 4787 §4.2).</summary>
public enum NatPortPattern
{
    /// <summary>The internal port, where it is free.</summary>
    Preserving,

    /// <summary>One after the other, at a fixed step up or down; other hosts may take some in between.</summary>
    Sequential,

    /// <summary>None that can be seen.</summary>
    Random,
}
