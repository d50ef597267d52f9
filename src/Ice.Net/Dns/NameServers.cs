using System.Net;
using System.Net.NetworkInformation;

namespace Ice.Net;

/// <summary>The system's name servers.</summary>
internal static class NameServers
{
    private const string ResolvConf = "/etc/resolv.conf";
    private const int Port = 53;
    private const int Most = 4;

    /// <summary>The servers in the order in which the system asks them.</summary>
    public static IReadOnlyList<IPEndPoint> Find()
    {
        IEnumerable<IPAddress> addresses = File.Exists(ResolvConf)
            ? Parse(File.ReadAllLines(ResolvConf))
            : NetworkInterface.GetAllNetworkInterfaces().Where(static nic => nic.OperationalStatus == OperationalStatus.Up)
                .SelectMany(static nic => nic.GetIPProperties().DnsAddresses);
        return [.. addresses.Distinct().Take(Most).Select(static address => new IPEndPoint(address, Port))];
    }

    /// <summary>Reads the nameserver lines of resolv.conf.</summary>
    public static IEnumerable<IPAddress> Parse(IEnumerable<string> lines)
    {
        foreach (string line in lines)
        {
            string[] words = line.Split([' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            if (words is ["nameserver", var text, ..] && IPAddress.TryParse(text, out IPAddress? address))
                yield return address;
        }
    }
}
