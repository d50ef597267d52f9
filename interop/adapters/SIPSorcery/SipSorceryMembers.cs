using System.Collections.Concurrent;
using System.Net;
using System.Runtime.CompilerServices;
using SIPSorcery.Net;

namespace Ice.SIPSorcery;

/// <summary>The private members of SIPSorcery that the adapter needs, bound without reflection. <see cref="SipSorceryCheck"/> tries each.</summary>
/// <remarks>All but the translated names of two are unchanged from SIPSorcery 5.0 to 10.0.16; the versions between are not promised, so they are tried.</remarks>
internal static class SipSorceryMembers
{
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "OnRTPDataReceived")]
    public static extern void OnRtpDataReceived(RTCPeerConnection connection, int localPort, IPEndPoint remote, byte[] packet);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_IceConnectionState")]
    public static extern void SetIceConnectionState(RtpIceChannel channel, RTCIceConnectionState state);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_IceGatheringState")]
    public static extern void SetIceGatheringState(RtpIceChannel channel, RTCIceGatheringState state);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_NominatedEntry")]
    public static extern void SetNominatedEntry(RtpIceChannel channel, ChecklistEntry entry);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "OnIceCandidate")]
    public static extern ref Action<RTCIceCandidate>? OnIceCandidate(RtpIceChannel channel);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "OnIceCandidateError")]
    public static extern ref Action<RTCIceCandidate?, string>? OnIceCandidateError(RtpIceChannel channel);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "OnIceConnectionStateChange")]
    public static extern ref Action<RTCIceConnectionState>? OnIceConnectionStateChange(RtpIceChannel channel);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "OnIceGatheringStateChange")]
    public static extern ref Action<RTCIceGatheringState>? OnIceGatheringStateChange(RtpIceChannel channel);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_candidates")]
    public static extern ref ConcurrentBag<RTCIceCandidate> Candidates(RtpIceChannel channel);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_pendingRemoteCandidates")]
    public static extern ref ConcurrentQueue<RTCIceCandidate> PendingRemoteCandidates(RtpIceChannel channel);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "LocalIceUser")]
    public static extern ref string LocalIceUser(RtpIceChannel channel);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "LocalIcePassword")]
    public static extern ref string LocalIcePassword(RtpIceChannel channel);
}
