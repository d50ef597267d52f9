namespace Ice.SIPSorcery;

/// <summary>Later.</summary>
public sealed class BridgedPeerConnection;
