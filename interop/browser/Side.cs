using System.Net;
using System.Net.NetworkInformation;

namespace BrowserInterop;

/// <summary>One end of a pair: an address in text (an mDNS name, or empty, where the browser hides it) and a port.</summary>
internal sealed record Side(string Address, int Port)
{
    /// <summary>Whether the browser keeps the address to itself.</summary>
    public bool Hidden => Address.Length == 0 || Address.EndsWith(".local", StringComparison.Ordinal);

    /// <summary>The end that a candidate's text names.</summary>
    public static Side OfCandidate(string candidate)
    {
        string[] fields = candidate.Split(' ');
        return new Side(fields[4], int.Parse(fields[5]));
    }

    /// <summary>Whether this, told by the browser, is <paramref name="agentSays"/>.</summary>
    public bool IsSameAs(Side agentSays) => Port == agentSays.Port && (Hidden ? IsOfThisMachine(agentSays.Address) : Normal(Address) == Normal(agentSays.Address));

    public override string ToString() => $"{(Address.Length == 0 ? "(hidden)" : Address)} port {Port}";

    private static string Normal(string address) => IPAddress.TryParse(address, out IPAddress? parsed) ? parsed.ToString() : address;

    // Behind a hidden address must be an address of the machine that the browser runs on: this one.
    private static bool IsOfThisMachine(string address) =>
        IPAddress.TryParse(address, out IPAddress? parsed) &&
        NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Any(a => a.Address.Equals(parsed));
}
