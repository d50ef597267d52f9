using System.Runtime.InteropServices;

namespace Bench;

/// <summary>ppoll(2): waits for datagrams with a timeout in nanoseconds, which the framework's own calls do not offer.</summary>
internal static partial class Poll
{
    private const short PollIn = 1;

    /// <summary>What to wait for.</summary>
    public static Descriptor ForReading(nint handle) => new() { Handle = (int)handle, Events = PollIn };

    /// <summary>Waits until a descriptor can be read, or the time is over.</summary>
    public static void Wait(Descriptor[] descriptors, TimeSpan timeout)
    {
        TimeSpec time = new() { Seconds = (long)timeout.TotalSeconds, Nanoseconds = timeout.Ticks % TimeSpan.TicksPerSecond * 100 };
        _ = PPoll(descriptors, (nuint)descriptors.Length, in time, 0);
    }

    [LibraryImport("libc", EntryPoint = "ppoll")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int PPoll([In, Out] Descriptor[] descriptors, nuint count, in TimeSpec timeout, nint signals);

    /// <summary>struct pollfd.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Descriptor
    {
        public int Handle;
        public short Events;
        public short Returned;

        public readonly bool IsReadable => Returned != 0;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct TimeSpec
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
