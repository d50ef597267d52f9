using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace NatLab.Network;

/// <summary>What Linux has and .NET does not: namespaces, and devices of packets.</summary>
internal static partial class Native
{
    private const int ReadOnly = 0;
    private const int ReadWrite = 2;
    private const int CloseOnExec = 0x80000;
    private const int NewNetwork = 0x40000000; // CLONE_NEWNET
    private const nuint SetInterface = 0x400454CA; // TUNSETIFF
    private const short Tun = 1; // IFF_TUN
    private const short NoPacketInformation = 0x1000; // IFF_NO_PI
    private const short Readable = 1; // POLLIN

    /// <summary>Moves the calling thread to a network namespace.</summary>
    public static void Enter(string path)
    {
        using SafeFileHandle file = OpenFile(path, ReadOnly);
        if (SetNamespace(file, NewNetwork) != 0)
            throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{path} could not be entered");
    }

    /// <summary>Makes a device in the namespace of the calling thread, whose packets are read and written here.</summary>
    public static SafeFileHandle OpenTun(string name)
    {
        SafeFileHandle file = OpenFile("/dev/net/tun", ReadWrite);
        // struct ifreq: the name in 16 bytes, then the flags.
        Span<byte> request = stackalloc byte[40];
        request.Clear();
        _ = Encoding.ASCII.GetBytes(name, request);
        MemoryMarshal.Write(request[16..], (short)(Tun | NoPacketInformation));
        if (Control(file, SetInterface, ref MemoryMarshal.GetReference(request)) == 0)
            return file;
        int error = Marshal.GetLastPInvokeError();
        file.Dispose();
        throw new Win32Exception(error, $"the device {name} could not be made");
    }

    /// <summary>Waits for something to read.</summary>
    /// <returns>False when nothing has come in time.</returns>
    public static bool WaitForInput(SafeFileHandle file, TimeSpan limit)
    {
        var asked = new PollRequest { File = (int)file.DangerousGetHandle(), Events = Readable };
        return Poll(ref asked, 1, (int)limit.TotalMilliseconds) > 0;
    }

    /// <summary>Reads a packet; an empty one when there is none.</summary>
    public static int Read(SafeFileHandle file, Span<byte> buffer) => (int)Math.Max(0, Read(file, ref MemoryMarshal.GetReference(buffer), (nuint)buffer.Length));

    /// <summary>Writes a packet. One that the kernel does not take is lost, as on any network.</summary>
    public static void Write(SafeFileHandle file, ReadOnlySpan<byte> packet) => _ = Write(file, ref MemoryMarshal.GetReference(packet), (nuint)packet.Length);

    private static SafeFileHandle OpenFile(string path, int flags)
    {
        SafeFileHandle file = Open(path, flags | CloseOnExec);
        return file.IsInvalid ? throw new Win32Exception(Marshal.GetLastPInvokeError(), $"{path} could not be opened") : file;
    }

    [LibraryImport("libc", EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial SafeFileHandle Open(string path, int flags);

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetNamespace(SafeFileHandle file, int kind);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(SafeFileHandle file, nuint request, ref byte argument);

    [LibraryImport("libc", EntryPoint = "poll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Poll(ref PollRequest requests, nuint count, int milliseconds);

    [LibraryImport("libc", EntryPoint = "read")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Read(SafeFileHandle file, ref byte buffer, nuint length);

    [LibraryImport("libc", EntryPoint = "write")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Write(SafeFileHandle file, ref readonly byte buffer, nuint length);

    // struct pollfd
    private struct PollRequest
    {
        public int File;
        public short Events;
        public short Returned;
    }
}
