using Stun;

namespace IceTool.Turn;

/// <summary>Data of a peer that came through the relay.</summary>
internal readonly record struct TurnDatagram(TransportAddress Peer, byte[] Data);
