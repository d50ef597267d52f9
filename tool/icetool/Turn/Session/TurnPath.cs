namespace IceTool.Turn;

/// <summary>How a client reaches its TURN server.</summary>
internal enum TurnPath
{
    Udp,
    Tcp,
    Tls,
}
