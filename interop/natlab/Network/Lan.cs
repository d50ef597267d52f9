using PeersInterop;

namespace NatLab.Network;

/// <summary>A bridge that hosts and routers are attached to: the segment of public addresses, or what is inside of a router.</summary>
/// <param name="Namespace">Where the bridge is; null for the namespace of the run itself.</param>
/// <param name="Bridge">The bridge.</param>
/// <param name="Prefix">The first bytes of its addresses.</param>
/// <param name="PrefixLength">How many bits they share.</param>
/// <param name="Gateway">The next hop for everything else.</param>
internal sealed record Lan(NetworkNamespace? Namespace, string Bridge, string Prefix, int PrefixLength, string Gateway)
{
    private const int LastNumber = 250;
    private int _taken = 9;

    /// <summary>An address that nobody has yet; the first is number 10.</summary>
    public string TakeAddress()
    {
        int number = Interlocked.Increment(ref _taken);
        return number <= LastNumber ? $"{Prefix}.{number}" : throw new InvalidOperationException($"all addresses of {Prefix} are taken: give it more");
    }

    /// <summary>Attaches an interface of a namespace.</summary>
    public async Task AttachAsync(NetworkNamespace to, string nic, params IEnumerable<string> addresses)
    {
        // The name at this end is the other namespace's: there is one interface for each.
        string inLan = Namespace is null ? "" : $"netns {Namespace.Name}";
        await Tool.RunAsync("ip", $"link add {nic} netns {to.Name} type veth peer name {to.Name} {inLan}\n", "-batch", "-");
        await RunHereAsync($"link set dev {to.Name} master {Bridge} up");
        await to.ConfigureAsync($"{string.Join('\n', addresses.Select(a => $"addr add {a}/{PrefixLength} dev {nic}"))}\nlink set {nic} up\n{RouteOut(nic)}");
    }

    private Task RunHereAsync(string line) => Namespace?.ConfigureAsync(line) ?? Tool.RunAsync("ip", line + "\n", "-batch", "-");

    // Out of the segment of public addresses nothing leads: a next hop that swallows everything. Without a default route browsers gather no host
    // candidates, and coturn closes an allocation that is asked to send to an address that it has no route to.
    private string RouteOut(string nic) => Namespace is null
        ? $"neigh replace {Gateway} lladdr 02:00:5e:00:fe:fe dev {nic} nud permanent\nroute add default via {Gateway}"
        : $"route add default via {Gateway}";
}
