using SIPSorcery.Net;

namespace Ice.SIPSorcery;

/// <summary>Whether this version of SIPSorcery has the private members that the adapter needs.</summary>
internal static class SipSorceryCheck
{
    private static readonly RequiredMember[] s_required =
    [
        new("RTCPeerConnection.OnRTPDataReceived(int, IPEndPoint, byte[])", static () => SipSorceryMembers.OnRtpDataReceived(null!, 0, null!, null!)),
        new("RtpIceChannel.IceConnectionState (set)", static () => SipSorceryMembers.SetIceConnectionState(null!, default)),
        new("RtpIceChannel.IceGatheringState (set)", static () => SipSorceryMembers.SetIceGatheringState(null!, default)),
        new("RtpIceChannel.NominatedEntry (set)", static () => SipSorceryMembers.SetNominatedEntry(null!, null!)),
        new("RtpIceChannel.OnIceCandidate", static () => _ = SipSorceryMembers.OnIceCandidate(null!)),
        new("RtpIceChannel.OnIceCandidateError", static () => _ = SipSorceryMembers.OnIceCandidateError(null!)),
        new("RtpIceChannel.OnIceConnectionStateChange", static () => _ = SipSorceryMembers.OnIceConnectionStateChange(null!)),
        new("RtpIceChannel.OnIceGatheringStateChange", static () => _ = SipSorceryMembers.OnIceGatheringStateChange(null!)),
        new("RtpIceChannel._candidates", static () => _ = SipSorceryMembers.Candidates(null!)),
        new("RtpIceChannel._pendingRemoteCandidates", static () => _ = SipSorceryMembers.PendingRemoteCandidates(null!)),
        new("RtpIceChannel.LocalIceUser", static () => _ = SipSorceryMembers.LocalIceUser(null!)),
        new("RtpIceChannel.LocalIcePassword", static () => _ = SipSorceryMembers.LocalIcePassword(null!)),
    ];

    private static readonly Lazy<IReadOnlyList<string>> s_missing = new(static () => FindMissing(s_required));

    /// <summary>The members that were not found; empty when the adapter works with this version.</summary>
    public static IReadOnlyList<string> Missing => s_missing.Value;

    /// <summary>Tries members and names those that are not there, or that are of another type.</summary>
    public static IReadOnlyList<string> FindMissing(IEnumerable<RequiredMember> members) => [.. members.Where(static member => !IsThere(member)).Select(static member => member.Name)];

    /// <summary>Says what is missing, and what to do.</summary>
    /// <exception cref="NotSupportedException">A member is missing.</exception>
    public static void ThrowIfMissing(IReadOnlyList<string> missing)
    {
        if (missing.Count == 0)
            return;
        Version? version = typeof(RTCPeerConnection).Assembly.GetName().Version;
        throw new NotSupportedException(
            $"SIPSorcery {version} does not have what {nameof(IcePeerConnection)} needs of its private members: {string.Join(", ", missing)}. "
            + $"Use SIPSorcery 10.0.16, with which it was tried, or {nameof(BridgedPeerConnection)}, which needs public members only.");
    }

    private static bool IsThere(RequiredMember member)
    {
        try
        {
            member.Probe();
            return true;
        }
        catch (NullReferenceException)
        {
            // It was bound, and missed only its object.
            return true;
        }
        catch (MissingMemberException)
        {
            return false;
        }
    }
}
