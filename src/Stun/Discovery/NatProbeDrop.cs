namespace Stun;

/// <summary>Why a <see cref="NatBehaviorProbe"/> refused a datagram. Each refusal is counted (<see cref="NatBehaviorProbe.GetDropCount"/>).</summary>
public enum NatProbeDrop
{
    /// <summary>It was not refused.</summary>
    None,

    /// <summary>Not a well-formed STUN message (RFC 8489 §6.3), or a wrong FINGERPRINT.</summary>
    Malformed,

    /// <summary>Neither a Binding response nor one of our own requests that came back.</summary>
    Unexpected,

    /// <summary>A response to nothing that was asked: late beyond the probe's memory, or forged.</summary>
    UnknownTransaction,

    /// <summary>It came from an address that was not asked to answer, or to a socket that did not ask.</summary>
    WrongSource,

    /// <summary>It holds comprehension-required attributes that are not known (RFC 8489 §6.3.3), or lacks what it must hold.</summary>
    Unusable,

    /// <summary>The answer is there already.</summary>
    Duplicate,
}
