using System.Net;
using System.Net.Sockets;

namespace PeersInterop;

/// <summary>One side's candidate of a pair, as a candidate's text names it.</summary>
internal sealed record PairEnd(string Address, int Port, string Type)
{
    /// <summary>Whether it is an IPv6 address.</summary>
    public bool IsIPv6 => IPAddress.TryParse(Address, out IPAddress? address) && address.AddressFamily == AddressFamily.InterNetworkV6;

    public static PairEnd Parse(string candidate)
    {
        string[] fields = candidate.Split(' ');
        return new PairEnd(fields[4], int.Parse(fields[5]), fields[Array.IndexOf(fields, "typ") + 1]);
    }

    /// <summary>Whether both are the same place; each side may know it by another type.</summary>
    public bool IsSamePlace(PairEnd other) => Port == other.Port && Address == other.Address;

    public override string ToString() => $"{Type} {Address} {Port}";
}
