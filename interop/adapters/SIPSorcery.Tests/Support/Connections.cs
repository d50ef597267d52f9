using System.Net;
using SIPSorcery.Net;

namespace Ice.SIPSorcery.Tests;

/// <summary>Connections on 127.0.0.1, with the adapter and without it.</summary>
internal static class Connections
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    public static RTCConfiguration Loopback(params RTCIceServer[] servers) => new() { X_BindAddress = IPAddress.Loopback, iceServers = [.. servers] };

    public static IcePeerConnection Ours(RTCConfiguration? configuration = null) => new(configuration ?? Loopback());

    public static RTCPeerConnection Stock() => new(Loopback());
}
