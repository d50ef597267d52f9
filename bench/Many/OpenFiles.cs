using System.Runtime.InteropServices;

namespace Bench;

/// <summary>How many files the system lets this process have open: each socket is one.</summary>
internal static partial class OpenFiles
{
    private const int NumberOfFiles = 7;

    // The runtime's own, and those of the benchmark.
    private const int Others = 500;

    /// <summary>Raises the limit to what so many sockets need.</summary>
    /// <exception cref="BenchException">The system refuses; the message says what to do.</exception>
    public static void Require(int sockets)
    {
        if (!OperatingSystem.IsLinux())
            return;
        ulong needed = (ulong)(sockets + Others);
        if (GetLimit(NumberOfFiles, out Limit limit) == 0 && limit.Current >= needed)
            return;
        Limit wanted = new() { Current = needed, Most = Math.Max(needed, limit.Most) };
        if (SetLimit(NumberOfFiles, in wanted) == 0)
            return;
        throw new BenchException(
            $"{sockets} sockets need {needed} open files, and the limit is {limit.Most}: raise it (ulimit -Hn {needed}, as root, or LimitNOFILE= of a systemd unit), or ask for fewer --pairs.");
    }

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "getrlimit", SetLastError = true)]
    private static partial int GetLimit(int resource, out Limit limit);

    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    [LibraryImport("libc", EntryPoint = "setrlimit", SetLastError = true)]
    private static partial int SetLimit(int resource, in Limit limit);

    private struct Limit
    {
        public ulong Current;
        public ulong Most;
    }
}
