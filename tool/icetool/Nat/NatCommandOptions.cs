using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Net;
using Ice;
using Ice.Net;
using IceTool.Agents;
using Stun;

namespace IceTool.Nat;

/// <summary>The options of <c>ice nat</c>.</summary>
internal sealed class NatCommandOptions
{
    private const int UsualLifetimeBudget = 180;

    private readonly Option<string[]> _servers = new("--server", "-s")
    {
        Description = "A server to ask, such as stun:stun.example.org or stun:192.0.2.1:3478. Repeatable: two servers, or two ports, tell the mapping where none has a second address.",
        DefaultValueFactory = _ => [],
    };

    private readonly Option<string[]> _interfaces = new("--interface", "-i") { Description = "An interface to probe from, such as eth0, or a local address. Repeatable; without it, all.", DefaultValueFactory = _ => [] };

    private readonly Option<string?> _lifetime = new("--lifetime")
    {
        Description = $"Find out how long a mapping lives without traffic, within so many seconds ({UsualLifetimeBudget} when none are said).",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<bool> _fragments = new("--fragments") { Description = "Find out whether fragmented datagrams pass." };
    private readonly Option<bool> _loopback = new("--loopback") { Description = "Probe from loopback addresses too, to servers on them." };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a line; the last one, \"ev\":\"result\", is the verdict." };

    public IEnumerable<Option> All => [_servers, _interfaces, _lifetime, _fragments, _loopback, _json];

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">A value cannot be used; the message says which and what is expected.</exception>
    public NatRequest Read(ParseResult parsed)
    {
        string[] servers = parsed.GetValue(_servers)!;
        if (servers.Length == 0)
            throw new FormatException("Which server? Give --server, such as stun:stun.example.org; best one with a second address (RFC 5780).");
        IceServer[] read = [.. servers.Select(Server)];
        string[] interfaces = parsed.GetValue(_interfaces)!;
        IPAddress[] addresses = [.. interfaces.Select(static i => IPAddress.TryParse(i, out IPAddress? address) ? address : null).OfType<IPAddress>()];
        string[] names = [.. interfaces.Where(static i => !IPAddress.TryParse(i, out _))];
        if (addresses.Length > 0 && names.Length > 0)
            throw new FormatException("--interface: name interfaces or local addresses, not both.");
        string[] present = [.. HostAddresses.List().Select(static a => a.InterfaceName).Distinct()];
        if (Array.Find(names, n => !present.Contains(n)) is { } missing)
            throw new FormatException($"--interface {missing}: there is none with an address; there are {string.Join(", ", present)}.");
        var options = new NatDiscoveryOptions
        {
            Servers = read,
            BindAddresses = addresses,
            InterfaceFilter = names.Length == 0 ? null : names.Contains,
            IncludeLoopback = parsed.GetValue(_loopback) || LocalAddresses.OnlyLoopback(null, ipv6: true) || read.Any(static s => s.Uris.Any(IsOnLoopback)),
            LifetimeBudget = Lifetime(parsed.GetResult(_lifetime)),
            Fragments = parsed.GetValue(_fragments),
        };
        return new NatRequest(options, parsed.GetValue(_json));
    }

    private static IceServer Server(string text)
    {
        try
        {
            return new IceServer(text);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"--server {text}: {exception.Message} Write it as stun:HOST or stun:HOST:PORT.", exception);
        }
    }

    private static TimeSpan? Lifetime(OptionResult? result)
    {
        if (result is null)
            return null;
        if (result.Tokens.Count == 0)
            return TimeSpan.FromSeconds(UsualLifetimeBudget);
        return int.TryParse(result.Tokens[0].Value, NumberStyles.None, CultureInfo.InvariantCulture, out int seconds) && seconds is >= 10 and <= 3600
            ? TimeSpan.FromSeconds(seconds)
            : throw new FormatException($"--lifetime {result.Tokens[0].Value}: write how many seconds it may take, 10 to 3600.");
    }

    private static bool IsOnLoopback(StunUri uri) =>
        string.Equals(uri.Host, "localhost", StringComparison.OrdinalIgnoreCase) || (TransportAddress.TryParse(uri.Host, 0, out TransportAddress address) && address.IsLoopback);
}
