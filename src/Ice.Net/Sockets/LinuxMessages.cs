using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ice.Net;

/// <summary>sendmsg and recvmsg with control messages (cmsg(3)), which the framework's socket does not offer. Linux alone; waits only where it is told to, never allocates.</summary>
internal static unsafe partial class LinuxMessages
{
    public const int IpLevel = 0;
    public const int IPv6Level = 41;
    public const int IpTos = 1;
    public const int IPv6TrafficClass = 67;
    public const int IpReceiveTos = 13;
    public const int IPv6ReceiveTrafficClass = 66;
    public const int UdpLevel = 17;
    public const int UdpSegment = 103;
    public const int UdpCoalesce = 104;

    private const int DontWait = 0x40;
    private const int ControlLength = 64;

    // struct cmsghdr: length (of the machine's word), level, type.
    private static readonly int s_controlHeader = nint.Size + 8;

    /// <summary>Sends one datagram, which is the fastest.</summary>
    /// <param name="socket">The descriptor; it has to stay open during the call.</param>
    /// <param name="datagram">The datagram.</param>
    /// <param name="destination">Where it goes, as the system has it.</param>
    public static SocketError Send(int socket, ReadOnlySpan<byte> datagram, ReadOnlySpan<byte> destination)
    {
        fixed (byte* data = datagram, name = destination)
        {
            while (SendTo(socket, data, (nuint)datagram.Length, DontWait, name, (uint)destination.Length) < 0)
            {
                SocketError error = LinuxErrors.FromLastCall();
                if (error != SocketError.Interrupted)
                    return error;
            }

            return SocketError.Success;
        }
    }

    /// <summary>Sends one datagram from two buffers, or several that lie one behind the other.</summary>
    /// <param name="socket">The descriptor; it has to stay open during the call.</param>
    /// <param name="ipv6">Its family.</param>
    /// <param name="header">The first part, possibly empty.</param>
    /// <param name="payload">The rest.</param>
    /// <param name="destination">Where it goes, as the system has it.</param>
    /// <param name="trafficClass">How it is marked; null as the socket is set.</param>
    /// <param name="segmentSize">How long each of several is, but the last; 0 for one.</param>
    public static SocketError Send(
        int socket, bool ipv6, ReadOnlySpan<byte> header, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> destination, TrafficClass? trafficClass, int segmentSize)
    {
        nuint* control = stackalloc nuint[ControlLength / sizeof(nuint)];
        fixed (byte* name = destination, first = header, second = payload)
        {
            IoVector* parts = stackalloc IoVector[2];
            parts[0] = new IoVector { Base = first, Length = (nuint)header.Length };
            parts[1] = new IoVector { Base = second, Length = (nuint)payload.Length };
            MessageHeader message = new()
            {
                Name = name,
                NameLength = (uint)destination.Length,
                Vectors = header.IsEmpty ? parts + 1 : parts,
                VectorCount = header.IsEmpty ? 1u : 2u,
            };
            nuint controlLength = 0;
            if (trafficClass is { } mark)
                controlLength = WriteControl((byte*)control, ipv6 ? IPv6Level : IpLevel, ipv6 ? IPv6TrafficClass : IpTos, mark.Octet, sizeof(int));
            if (segmentSize > 0)
                controlLength += WriteControl((byte*)control + controlLength, UdpLevel, UdpSegment, segmentSize, sizeof(ushort));
            if (controlLength > 0)
            {
                message.Control = (byte*)control;
                message.ControlLength = controlLength;
            }

            while (SendMessage(socket, &message, DontWait) < 0)
            {
                SocketError error = LinuxErrors.FromLastCall();
                if (error != SocketError.Interrupted)
                    return error;
            }

            return SocketError.Success;
        }
    }

    /// <summary>Receives one datagram without asking for more than its sender, which is the fastest.</summary>
    /// <param name="socket">The descriptor; it has to stay open during the call.</param>
    /// <param name="buffer">Where it goes; pinned, as the address is.</param>
    /// <param name="capacity">How much of it is taken at most.</param>
    /// <param name="source">Takes the sender's address.</param>
    /// <param name="sourceLength">What there is room for.</param>
    /// <param name="wait">Whether to wait for one, which a descriptor that does not wait does not.</param>
    /// <param name="length">How much came.</param>
    public static SocketError Receive(int socket, byte* buffer, int capacity, byte* source, int sourceLength, bool wait, out int length)
    {
        uint nameLength = (uint)sourceLength;
        nint count = ReceiveFrom(socket, buffer, (nuint)capacity, wait ? 0 : DontWait, source, &nameLength);
        length = Math.Max((int)count, 0);
        return count >= 0 ? SocketError.Success : LinuxErrors.FromLastCall();
    }

    /// <summary>Ends the waits of those who receive from a socket, and every later one: they are told of an empty datagram.</summary>
    /// <remarks>To a socket that is not connected it is refused (ENOTCONN), and works all the same: inet_shutdown calls it the way to wake such.</remarks>
    /// <param name="socket">The descriptor; it has to stay open during the call.</param>
    public static void EndReceiving(int socket) => _ = Shutdown(socket, 0);

    /// <summary>Receives a datagram with its traffic class, or several in one piece, if the socket has been told to; else as the other.</summary>
    /// <param name="socket">The descriptor; it has to stay open during the call.</param>
    /// <param name="buffer">Where it goes; pinned, as the address is.</param>
    /// <param name="capacity">How much of it is taken at most.</param>
    /// <param name="source">Takes the sender's address.</param>
    /// <param name="sourceLength">What there is room for.</param>
    /// <param name="wait">Whether to wait for one, which a descriptor that does not wait does not.</param>
    /// <param name="length">How much came.</param>
    /// <param name="segmentSize">How long each of the datagrams is, but the last; 0 when it is one.</param>
    /// <param name="trafficClass">How it was marked.</param>
    public static SocketError ReceiveWithControl(
        int socket, byte* buffer, int capacity, byte* source, int sourceLength, bool wait, out int length, out int segmentSize, out TrafficClass? trafficClass)
    {
        nuint* control = stackalloc nuint[ControlLength / sizeof(nuint)];
        IoVector part = new() { Base = buffer, Length = (nuint)capacity };
        MessageHeader message = new()
        {
            Name = source,
            NameLength = (uint)sourceLength,
            Vectors = &part,
            VectorCount = 1,
            Control = (byte*)control,
            ControlLength = ControlLength,
        };
        nint count = ReceiveMessageRaw(socket, &message, wait ? 0 : DontWait);
        length = Math.Max((int)count, 0);
        segmentSize = 0;
        trafficClass = null;
        if (count >= 0)
        {
            ReadOnlySpan<byte> told = new(control, (int)Math.Min(message.ControlLength, ControlLength));
            trafficClass = ReadControl(told);
            segmentSize = FindControl(told, UdpLevel, UdpCoalesce) is { Length: >= sizeof(int) } size ? MemoryMarshal.Read<int>(size) : 0;
        }

        return count >= 0 ? SocketError.Success : LinuxErrors.FromLastCall();
    }

    /// <summary>Receives one datagram.</summary>
    public static SocketError Receive(SafeHandle socket, Span<byte> buffer, Span<byte> source, out int length, out TrafficClass? trafficClass)
    {
        nuint* control = stackalloc nuint[ControlLength / sizeof(nuint)];
        length = 0;
        trafficClass = null;
        fixed (byte* name = source, data = buffer)
        {
            IoVector part = new() { Base = data, Length = (nuint)buffer.Length };
            MessageHeader message = new()
            {
                Name = name,
                NameLength = (uint)source.Length,
                Vectors = &part,
                VectorCount = 1,
                Control = (byte*)control,
                ControlLength = ControlLength,
            };
            nint count;
            while ((count = ReceiveMessage(socket, &message, DontWait)) < 0)
            {
                SocketError error = LinuxErrors.Last();
                if (error != SocketError.Interrupted)
                    return error;
            }

            length = (int)count;
            trafficClass = ReadControl(new ReadOnlySpan<byte>(control, (int)Math.Min(message.ControlLength, ControlLength)));
            return SocketError.Success;
        }
    }

    /// <summary>Takes the next entry of the error queue.</summary>
    /// <returns>The number of bytes of control messages; -1 when there is no entry.</returns>
    public static int ReceiveError(SafeHandle socket, Span<byte> destination, Span<byte> control)
    {
        const int ErrorQueue = 0x2000;
        byte payload;
        fixed (byte* name = destination, controlBase = control)
        {
            IoVector part = new() { Base = &payload, Length = 1 };
            MessageHeader message = new()
            {
                Name = name,
                NameLength = (uint)destination.Length,
                Vectors = &part,
                VectorCount = 1,
                Control = controlBase,
                ControlLength = (nuint)control.Length,
            };
            return ReceiveMessage(socket, &message, ErrorQueue | DontWait) < 0 ? -1 : (int)Math.Min(message.ControlLength, (nuint)control.Length);
        }
    }

    private static nuint WriteControl(byte* control, int level, int type, int value, int size)
    {
        *(nuint*)control = (nuint)(s_controlHeader + size);
        *(int*)(control + nint.Size) = level;
        *(int*)(control + nint.Size + 4) = type;
        if (size == sizeof(ushort))
            *(ushort*)(control + s_controlHeader) = (ushort)value;
        else
            *(int*)(control + s_controlHeader) = value;
        // CMSG_SPACE: the data padded to the machine's word.
        return (nuint)(s_controlHeader + nint.Size);
    }

    /// <summary>Finds a control message among those that came (CMSG_FIRSTHDR, CMSG_NXTHDR).</summary>
    /// <returns>Its data; empty when there is none.</returns>
    public static ReadOnlySpan<byte> FindControl(ReadOnlySpan<byte> control, int level, int type)
    {
        while (control.Length >= s_controlHeader)
        {
            nuint length = MemoryMarshal.Read<nuint>(control);
            if (length < (nuint)s_controlHeader || length > (nuint)control.Length)
                return default;
            if (MemoryMarshal.Read<int>(control[nint.Size..]) == level && MemoryMarshal.Read<int>(control[(nint.Size + 4)..]) == type)
                return control[s_controlHeader..(int)length];
            control = control[(int)Math.Min((length + (nuint)nint.Size - 1) & ~((nuint)nint.Size - 1), (nuint)control.Length)..];
        }

        return default;
    }

    // ip(7): IP_TOS comes as one byte; ipv6(7): IPV6_TCLASS as an int.
    private static TrafficClass? ReadControl(ReadOnlySpan<byte> control)
    {
        if (FindControl(control, IpLevel, IpTos) is { Length: > 0 } tos)
            return TrafficClass.FromOctet(tos[0]);
        return FindControl(control, IPv6Level, IPv6TrafficClass) is { Length: >= sizeof(int) } trafficClass
            ? TrafficClass.FromOctet((byte)MemoryMarshal.Read<int>(trafficClass))
            : null;
    }

    [LibraryImport("libc", EntryPoint = "recvfrom")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint ReceiveFrom(int socket, byte* buffer, nuint length, int flags, byte* source, uint* sourceLength);

    [LibraryImport("libc", EntryPoint = "recvmsg")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint ReceiveMessageRaw(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "recvmsg", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint ReceiveMessage(SafeHandle socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "sendmsg")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint SendMessage(int socket, MessageHeader* message, int flags);

    [LibraryImport("libc", EntryPoint = "sendto")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint SendTo(int socket, byte* datagram, nuint length, int flags, byte* destination, uint destinationLength);

    [LibraryImport("libc", EntryPoint = "shutdown")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Shutdown(int socket, int how);

    // struct iovec
    private struct IoVector
    {
        public byte* Base;
        public nuint Length;
    }

    // struct msghdr
    private struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public IoVector* Vectors;
        public nuint VectorCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }
}
