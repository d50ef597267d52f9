using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace IceTool.Agents;

/// <summary>Whether this machine is connected to anything but itself.</summary>
internal static class LocalAddresses
{
    /// <summary>True when loopback addresses are the only ones: an agent then needs them to have any candidate.</summary>
    public static bool OnlyLoopback(Func<string, bool>? interfaceFilter, bool ipv6) =>
        !NetworkInterface.GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown && (interfaceFilter?.Invoke(i.Name) ?? true))
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Any(a => !IPAddress.IsLoopback(a.Address) && (ipv6 || a.Address.AddressFamily == AddressFamily.InterNetwork));
}
