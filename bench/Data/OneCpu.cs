using System.Globalization;
using System.Runtime.InteropServices;

namespace Bench;

/// <summary>Keeps every thread of this process on one processor, as taskset(1) does, until it is disposed of. Does nothing where the system is not Linux.</summary>
/// <remarks>On a machine of few processors the wake-ups from one to another take longer than what is to be measured, and vary more.</remarks>
internal sealed unsafe partial class OneCpu : IDisposable
{
    private const int Words = 16;

    private readonly ulong[] _before = new ulong[Words];

    public OneCpu()
    {
        if (!OperatingSystem.IsLinux())
            return;
        fixed (ulong* before = _before)
            _ = GetAffinity(0, Words * sizeof(ulong), before);
        ulong[] first = new ulong[Words];
        int word = Array.FindIndex(_before, static bits => bits != 0);
        if (word < 0)
            return;
        first[word] = _before[word] & (~_before[word] + 1);
        SetAll(first);
    }

    public void Dispose()
    {
        if (OperatingSystem.IsLinux())
            SetAll(_before);
    }

    // Threads that begin later have the processors of the one that begins them.
    private static void SetAll(ulong[] mask)
    {
        foreach (string task in Directory.EnumerateDirectories("/proc/self/task"))
        {
            fixed (ulong* bits = mask)
                _ = SetAffinity(int.Parse(Path.GetFileName(task), CultureInfo.InvariantCulture), Words * sizeof(ulong), bits);
        }
    }

    [LibraryImport("libc", EntryPoint = "sched_getaffinity")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int GetAffinity(int thread, nint size, ulong* mask);

    [LibraryImport("libc", EntryPoint = "sched_setaffinity")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetAffinity(int thread, nint size, ulong* mask);
}
