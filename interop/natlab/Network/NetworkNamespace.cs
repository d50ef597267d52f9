using System.Collections.Concurrent;
using System.Globalization;
using System.Net.NetworkInformation;
using PeersInterop;

namespace NatLab.Network;

/// <summary>
/// A network namespace, with a thread in it: sockets that are opened there belong to it, and may be used from every thread. It belongs to the
/// namespaces of mounts and processes that interop/natlab/run makes for the run, and goes away with them.
/// </summary>
internal sealed class NetworkNamespace
{
    private readonly BlockingCollection<Action> _work = [];

    private NetworkNamespace(string name)
    {
        Name = name;
        new Thread(Work) { IsBackground = true, Name = $"namespace {name}" }.Start();
    }

    public string Name { get; }

    public static async Task<NetworkNamespace> CreateAsync(string name)
    {
        await Tool.RunAsync("ip", "", "netns", "add", name);
        var made = new NetworkNamespace(name);
        // Where bridged frames pass the tables for packets, NAT rules see them twice. Not every kernel has it.
        foreach (string table in (string[])["ip", "ip6", "arp"])
            made.Set($"bridge/bridge-nf-call-{table}tables", "0", optional: true);
        made.Set("ipv4/conf/all/rp_filter", "0");
        made.Set("ipv4/conf/default/rp_filter", "0");
        made.Set("ipv6/conf/default/disable_ipv6", "1");
        await made.ConfigureAsync("link set lo up");
        return made;
    }

    /// <summary>Does something in the namespace.</summary>
    public T Run<T>(Func<T> action)
    {
        var done = new TaskCompletionSource<T>();
        _work.Add(() =>
        {
            try
            {
                done.SetResult(action());
            }
#pragma warning disable CA1031 // it is thrown again where the caller waits
            catch (Exception exception)
#pragma warning restore CA1031
            {
                done.SetException(exception);
            }
        });
        return done.Task.GetAwaiter().GetResult();
    }

    /// <summary>Runs lines of ip's batches.</summary>
    public Task ConfigureAsync(string lines) => Tool.RunAsync("ip", lines + "\n", "-n", Name, "-batch", "-");

    /// <summary>Takes over rules of nftables.</summary>
    public Task FilterAsync(string rules) => Tool.RunAsync("ip", rules, "netns", "exec", Name, "nft", "-f", "-");

    /// <summary>Sets a value below /proc/sys/net.</summary>
    public void Set(string name, string value, bool optional = false) => Run(() =>
    {
        string path = "/proc/sys/net/" + name;
        if (!optional || File.Exists(path))
            File.WriteAllText(path, value);
        return true;
    });

    /// <summary>The hardware address of an interface, as six bytes with colons.</summary>
    public string HardwareAddress(string nic) => Run(() =>
        string.Join(':', NetworkInterface.GetAllNetworkInterfaces().Single(n => n.Name == nic).GetPhysicalAddress().GetAddressBytes().Select(static b => b.ToString("x2", CultureInfo.InvariantCulture))));

    private void Work()
    {
        // The thread belongs to this namespace from here on; it never does anything else.
        Native.Enter($"/run/netns/{Name}");
        foreach (Action action in _work.GetConsumingEnumerable())
            action();
    }
}
