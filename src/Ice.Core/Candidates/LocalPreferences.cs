using Stun;

namespace Ice.Core;

/// <summary>Local preferences for the addresses of a host, families interleaved (RFC 8421 §4).</summary>
public static class LocalPreferences
{
    // Reflexive and relayed candidates of one base take the values below it, one a server.
    private const int MaxStep = 256;

    /// <summary>Gives every address a local preference: the first of the result is the best.</summary>
    /// <param name="addresses">The addresses of one component, the most wanted first within each family (RFC 6724 order, say).</param>
    /// <returns>For each address of the input, at the same index, its local preference (65535 for the best).</returns>
    public static int[] Assign(IReadOnlyList<TransportAddress> addresses)
    {
        ArgumentNullException.ThrowIfNull(addresses);
        var ipv4 = new Queue<int>();
        var ipv6 = new Queue<int>();
        for (int i = 0; i < addresses.Count; i++)
            (addresses[i].IsIPv6 ? ipv6 : ipv4).Enqueue(i);

        // RFC 8421 §4: "Hi = (N_4 + N_6) / N_4"
        int headStart = ipv4.Count == 0 ? ipv6.Count : addresses.Count / ipv4.Count;
        int[] preferences = new int[addresses.Count];
        int next = 65535;
        // RFC 8445 §5.1.2.1: "the local preference MUST be unique for each one": very many addresses stand closer.
        int step = Math.Clamp(65536 / Math.Max(addresses.Count, 1), 1, MaxStep);
        while (ipv4.Count + ipv6.Count > 0)
        {
            // "it will insert an IPv4 address after four IPv6 addresses": a head start of IPv6, one IPv4, and so on
            for (int i = 0; i < Math.Max(headStart, 1) && ipv6.TryDequeue(out int index); i++)
                Take(preferences, index, ref next, step);
            if (ipv4.TryDequeue(out int index4))
                Take(preferences, index4, ref next, step);
        }

        return preferences;
    }

    private static void Take(int[] preferences, int index, ref int next, int step)
    {
        // RFC 8445 §5.1.2.1: "When there is only a single IP address, this value SHOULD be set to 65535."
        preferences[index] = next;
        next = Math.Max(next - step, 0);
    }
}
