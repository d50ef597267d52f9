namespace Ice;

/// <summary>The ICE attributes of one media section: an <c>m=</c> line and what follows it.</summary>
/// <remarks>Immutable. Attributes that are also allowed at the session level are null here when the section does not carry them.</remarks>
public sealed class IceSdpMedia
{
    /// <summary>What RFC 8840 §4.4 puts into a pseudo <c>m=</c> line when the real one is not known.</summary>
    public const string DefaultMediaLine = "audio 9 RTP/AVP 0";

    /// <summary>The <c>m=</c> line without its <c>m=</c>.</summary>
    public string MediaLine { get; init; } = DefaultMediaLine;

    /// <summary>The identification tag of <c>a=mid</c> (RFC 5888), or null.</summary>
    public string? Mid { get; init; }

    /// <summary>The section's own ice-ufrag, or null: then the session's counts.</summary>
    public string? UsernameFragment { get; init; }

    /// <summary>The section's own ice-pwd, or null: then the session's counts. A secret.</summary>
    public string? Password { get; init; }

    /// <summary>The section's own ice-options.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];

    /// <summary>The candidates, in the order they stand.</summary>
    public IReadOnlyList<IceCandidate> Candidates { get; init; } = [];

    /// <summary>The remote candidates of a completed stream (RFC 8839 §5.2).</summary>
    public IReadOnlyList<IceRemoteCandidate> RemoteCandidates { get; init; } = [];

    /// <summary><c>a=ice-mismatch</c>: the answerer saw a default destination without a candidate; no ICE for this stream (RFC 8839 §5.3).</summary>
    public bool Mismatch { get; init; }

    /// <summary><c>a=end-of-candidates</c> in this section: no more candidates for this stream (RFC 8840 §8.1).</summary>
    public bool EndOfCandidates { get; init; }

    /// <summary><c>a=rtcp-mux</c>: RTCP shares component 1 with RTP (RFC 5761).</summary>
    public bool RtcpMux { get; init; }

    /// <summary><c>a=rtcp-mux-only</c>: RTCP has no component of its own (RFC 8858).</summary>
    public bool RtcpMuxOnly { get; init; }

    /// <summary>The candidates that are not known yet, in their order: a peer that trickles by SIP INFO repeats all of them every time.</summary>
    /// <param name="known">The candidates that were received before, for the same stream and with the same credentials.</param>
    public IReadOnlyList<IceCandidate> CandidatesNotIn(IReadOnlyList<IceCandidate> known)
    {
        ArgumentNullException.ThrowIfNull(known);
        // RFC 8840 §4.4: "Such candidates are considered to be equal if their IP address port, transport, and component ID are the same."
        return [.. Candidates.Where(candidate => !known.Any(other =>
            candidate.Address == other.Address
            && candidate.Port == other.Port
            && candidate.Component == other.Component
            && string.Equals(candidate.HostName, other.HostName, StringComparison.OrdinalIgnoreCase)
            && string.Equals(candidate.TransportToken, other.TransportToken, StringComparison.OrdinalIgnoreCase)))];
    }

    /// <summary>The section in short, without the password.</summary>
    public override string ToString() => $"m={MediaLine}, mid {Mid ?? "(none)"}, {Candidates.Count} candidates{(EndOfCandidates ? ", end of candidates" : "")}";
}
