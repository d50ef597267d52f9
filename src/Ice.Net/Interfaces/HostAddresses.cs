using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Ice.Net;

/// <summary>The IP addresses of this host, as the operating system lists them on the calling thread.</summary>
public static class HostAddresses
{
    /// <summary>Lists every address of every interface that is up, loopback included; see <see cref="HostAddressSelection"/> for what ICE may use.</summary>
    /// <exception cref="NetworkInformationException">The system refused.</exception>
    public static IReadOnlyList<HostAddress> List()
    {
        Dictionary<string, LinuxAddressFlags.Entry> flags = OperatingSystem.IsLinux() ? LinuxAddressFlags.Read() : [];
        List<HostAddress> addresses = [];
        foreach (NetworkInterface device in NetworkInterface.GetAllNetworkInterfaces())
        {
            // Some drivers, loopback among them, never say more than Unknown.
            if (device.OperationalStatus is not (OperationalStatus.Up or OperationalStatus.Unknown))
                continue;
            foreach (UnicastIPAddressInformation information in device.GetIPProperties().UnicastAddresses)
            {
                if (information.Address.AddressFamily is AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)
                    addresses.Add(Describe(device, information, flags));
            }
        }

        return addresses;
    }

    private static HostAddress Describe(NetworkInterface device, UnicastIPAddressInformation information, Dictionary<string, LinuxAddressFlags.Entry> flags)
    {
        bool isTemporary = false;
        bool isDeprecated = false;
        if (OperatingSystem.IsWindows())
        {
            isTemporary = information.SuffixOrigin == SuffixOrigin.Random;
            isDeprecated = information.DuplicateAddressDetectionState == DuplicateAddressDetectionState.Deprecated;
        }
        else if (flags.TryGetValue(LinuxAddressFlags.KeyOf(information.Address, device.Name), out LinuxAddressFlags.Entry entry))
        {
            isTemporary = entry.IsTemporary;
            isDeprecated = entry.IsDeprecated;
        }

        return new HostAddress
        {
            Address = information.Address,
            InterfaceName = device.Name,
            PrefixLength = information.PrefixLength,
            IsLoopback = device.NetworkInterfaceType == NetworkInterfaceType.Loopback,
            IsTemporary = isTemporary,
            IsDeprecated = isDeprecated,
        };
    }
}
