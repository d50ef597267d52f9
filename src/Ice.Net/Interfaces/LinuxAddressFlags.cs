using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>What Linux knows of its IPv6 addresses beyond the framework's view: which are temporary, which deprecated.</summary>
internal static class LinuxAddressFlags
{
    // linux/if_addr.h
    private const int Temporary = 0x01;
    private const int Deprecated = 0x20;

    /// <summary>Reads the kernel's table for the calling thread's network namespace; empty when there is none.</summary>
    public static Dictionary<string, Entry> Read()
    {
        try
        {
            return Parse(File.ReadLines("/proc/thread-self/net/if_inet6"));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Reads lines of the form "address interface-index prefix-length scope flags name", numbers in hexadecimal. Other lines are left out.</summary>
    public static Dictionary<string, Entry> Parse(IEnumerable<string> lines)
    {
        Dictionary<string, Entry> entries = [];
        foreach (string line in lines)
        {
            string[] fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields.Length == 6 && int.TryParse(fields[4], NumberStyles.HexNumber, CultureInfo.InvariantCulture, out int flags))
                entries[fields[0].ToUpperInvariant() + "%" + fields[5]] = new Entry((flags & Temporary) != 0, (flags & Deprecated) != 0);
        }

        return entries;
    }

    /// <summary>The key of an address on an interface.</summary>
    public static string KeyOf(IPAddress address, string interfaceName) => address.AddressFamily == AddressFamily.InterNetworkV6
        ? Convert.ToHexString(address.GetAddressBytes()) + "%" + interfaceName
        : "";

    internal readonly record struct Entry(bool IsTemporary, bool IsDeprecated);
}
