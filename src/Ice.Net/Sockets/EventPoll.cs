using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Ice.Net;

/// <summary>An epoll instance (epoll(7)): many descriptors, each under a number of the caller's. Linux alone.</summary>
/// <remarks>Edge-triggered: who is told of a descriptor reads all there is, or remembers it. What is level-triggered is asked for once more by the system at each wait.</remarks>
internal sealed unsafe partial class EventPoll : IDisposable
{
    private const uint Readable = 1;
    private const uint EdgeTriggered = 1u << 31;
    private const int CloseOnExec = 0x80000;
    private const int AddControl = 1;
    private const int DeleteControl = 2;

    // struct epoll_event, {uint32, uint64}: packed on x86, else the second lies at the boundary of its own size.
    private static readonly bool s_packed = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.X86;
    private static readonly int s_dataOffset = s_packed ? 4 : 8;
    private static readonly int s_eventSize = s_dataOffset + 8;

    private readonly int _descriptor;
    private readonly int _capacity;
    private readonly byte* _events;

    /// <param name="capacity">How many events one wait gives at most.</param>
    /// <exception cref="SocketException">The system has no descriptors left.</exception>
    public EventPoll(int capacity)
    {
        _descriptor = Create(CloseOnExec);
        if (_descriptor < 0)
            throw new SocketException((int)LinuxErrors.FromLastCall());
        _capacity = capacity;
        _events = (byte*)NativeMemory.AlignedAlloc((nuint)(capacity * s_eventSize), sizeof(ulong));
    }

    /// <summary>Watches a descriptor for something to read, and for errors.</summary>
    /// <param name="descriptor">The descriptor.</param>
    /// <param name="number">What tells its events from others.</param>
    /// <exception cref="SocketException">The system refused.</exception>
    public void Add(int descriptor, int number)
    {
        byte* value = stackalloc byte[s_eventSize];
        Write(value, number);
        if (Control(_descriptor, AddControl, descriptor, value) != 0)
            throw new SocketException((int)LinuxErrors.FromLastCall());
    }

    /// <summary>Watches a descriptor no more. Events that a wait has given already may be looked at afterwards.</summary>
    public void Remove(int descriptor)
    {
        byte* value = stackalloc byte[s_eventSize];
        _ = Control(_descriptor, DeleteControl, descriptor, value);
    }

    /// <summary>Waits for events. For one thread alone.</summary>
    /// <param name="milliseconds">How long.</param>
    /// <returns>How many there are: 0 when the time is over, less when the wait was interrupted.</returns>
    public int Wait(int milliseconds) => Wait(_descriptor, _events, _capacity, milliseconds);

    /// <summary>An event of the last wait.</summary>
    /// <param name="index">Which of them.</param>
    /// <param name="hasError">Whether the system has told more than that something can be read.</param>
    /// <returns>The number that the descriptor was given.</returns>
    public int Get(int index, out bool hasError)
    {
        byte* value = _events + (index * s_eventSize);
        hasError = (*(uint*)value & ~Readable) != 0;
        return *(int*)(value + s_dataOffset);
    }

    public void Dispose()
    {
        _ = CloseDescriptor(_descriptor);
        NativeMemory.AlignedFree(_events);
    }

    private static void Write(byte* value, int number)
    {
        *(uint*)value = Readable | EdgeTriggered;
        // Half of the caller's eight bytes, on either byte order read as it was written.
        *(int*)(value + s_dataOffset) = number;
        *(int*)(value + s_dataOffset + sizeof(int)) = 0;
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int poll, int operation, int descriptor, byte* value);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Wait(int poll, byte* events, int capacity, int milliseconds);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseDescriptor(int descriptor);
}
