namespace Ice.Net.Tests.Sockets;

/// <summary>A socket, and how it is received from.</summary>
public enum SocketKind
{
    /// <summary>The framework's, asked for each datagram.</summary>
    Portable,

    /// <summary>Linux's, asked for each datagram.</summary>
    Linux,

    /// <summary>Linux's, asked for each datagram with its traffic class.</summary>
    LinuxMarked,

    /// <summary>Linux's, received from by a shared loop.</summary>
    LinuxShared,

    /// <summary>The same with the traffic class.</summary>
    LinuxSharedMarked,

    /// <summary>Linux's, received from by a thread of its own.</summary>
    LinuxReader,

    /// <summary>The same with the traffic class.</summary>
    LinuxReaderMarked,
}
