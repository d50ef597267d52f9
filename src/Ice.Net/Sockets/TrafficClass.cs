namespace Ice.Net;

/// <summary>
/// The Traffic Class octet of an IPv6 header, the former Type of Service of an IPv4 one: six bits of DSCP (RFC 2474 §3) and two of ECN
/// (RFC 3168 §5). The default value is best effort without ECN.
/// </summary>
public readonly record struct TrafficClass
{
    /// <summary>The greatest DSCP.</summary>
    public const int MaxDscp = 63;

    /// <summary>Makes one of its two fields.</summary>
    /// <param name="dscp">The Differentiated Services Code Point, 0 to 63: 46 is EF, 34 AF41; RFC 8837 §5 recommends values for media.</param>
    /// <param name="ecn">What is said of congestion.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them is out of range.</exception>
    public TrafficClass(int dscp, EcnCodepoint ecn = EcnCodepoint.NotEct)
    {
        if (dscp is < 0 or > MaxDscp)
            throw new ArgumentOutOfRangeException(nameof(dscp), dscp, "A DSCP is 0 to 63. To make one of the whole octet use TrafficClass.FromOctet.");
        if (ecn is < EcnCodepoint.NotEct or > EcnCodepoint.CongestionExperienced)
            throw new ArgumentOutOfRangeException(nameof(ecn), ecn, "There are four ECN codepoints, 0 to 3.");
        Octet = (byte)((dscp << 2) | (int)ecn);
    }

    private TrafficClass(byte octet) => Octet = octet;

    /// <summary>The octet as it is in the header.</summary>
    public byte Octet { get; }

    /// <summary>The Differentiated Services Code Point, 0 to 63.</summary>
    public int Dscp => Octet >> 2;

    /// <summary>What is said of congestion.</summary>
    public EcnCodepoint Ecn => (EcnCodepoint)(Octet & 3);

    /// <summary>Takes the octet as it is in the header.</summary>
    public static TrafficClass FromOctet(byte octet) => new(octet);
}
