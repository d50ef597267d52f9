using System.Runtime.InteropServices;

namespace Ice.Net;

/// <summary>Options of a socket that the framework has no names for.</summary>
internal static unsafe partial class LinuxOptions
{
    /// <summary>Sets an option whose value is a number.</summary>
    /// <returns>False where the system does not have it, or the socket is closed.</returns>
    public static bool TrySet(SafeHandle socket, int level, int option, int value)
    {
        try
        {
            return SetOption(socket, level, option, &value, sizeof(int)) == 0;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
    }

    [LibraryImport("libc", EntryPoint = "setsockopt")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetOption(SafeHandle socket, int level, int name, int* value, uint length);
}
