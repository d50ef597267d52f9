using System.Runtime.InteropServices;

namespace Ice.Net;

/// <summary>An alarm clock of the system (timerfd_create(2)) that one thread waits for and any may set: setting it wakes nobody before its time. Linux alone.</summary>
/// <remarks>
/// A thread that waits for a condition with a limit has to be woken to wait for less long, and that costs two switches of threads. Setting is
/// thread-safe; disposing is not, and is for whoever waits.
/// </remarks>
public sealed unsafe partial class LinuxAlarm : IDisposable
{
    private const int Monotonic = 1;
    private const int CloseOnExec = 0x80000;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly int _descriptor;

    private LinuxAlarm(int descriptor) => _descriptor = descriptor;

    /// <summary>Makes one that is not set.</summary>
    /// <returns>The alarm; null where the system is another, or has no descriptors left.</returns>
    public static LinuxAlarm? TryCreate()
    {
        if (!OperatingSystem.IsLinux())
            return null;
        int descriptor = Create(Monotonic, CloseOnExec);
        return descriptor < 0 ? null : new LinuxAlarm(descriptor);
    }

    /// <summary>Sets it in place of what it was set to.</summary>
    /// <param name="delay">When it goes off, counted from now; null for never.</param>
    public void Set(TimeSpan? delay)
    {
        // struct itimerspec: the interval of its repetition, and when it begins, at each seconds and nanoseconds; zero stands for never.
        long nanoseconds = delay is { } time ? Math.Max((long)time.TotalNanoseconds, 1) : 0;
        nint* value = stackalloc nint[4];
        value[0] = value[1] = 0;
        value[2] = (nint)(nanoseconds / NanosecondsPerSecond);
        value[3] = (nint)(nanoseconds % NanosecondsPerSecond);
        _ = SetTime(_descriptor, 0, value, null);
    }

    /// <summary>Waits until it goes off; at once when it has since it was set. A signal of the system may end the wait before that.</summary>
    public void Wait()
    {
        ulong times;
        _ = Read(_descriptor, &times, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose() => _ = CloseDescriptor(_descriptor);

    [LibraryImport("libc", EntryPoint = "timerfd_create")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Create(int clock, int flags);

    [LibraryImport("libc", EntryPoint = "timerfd_settime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetTime(int timer, int flags, nint* value, nint* before);

    [LibraryImport("libc", EntryPoint = "read")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial nint Read(int descriptor, ulong* value, nuint length);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int CloseDescriptor(int descriptor);
}
