namespace Ice.Simulation;

/// <summary>The flags of a TCP segment that a simulation uses, with their values on the wire.</summary>
[Flags]
public enum TcpFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>FIN: the sender has no more data.</summary>
    Finish = 1,

    /// <summary>SYN: the sender opens a connection.</summary>
    Synchronize = 2,

    /// <summary>RST: there is no such connection.</summary>
    Reset = 4,

    /// <summary>ACK: the acknowledgment number is valid.</summary>
    Acknowledge = 16,
}
