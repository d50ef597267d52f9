using System.CommandLine;
using System.Net;
using Ice;
using IceTool.Agents;
using Stun;

namespace IceTool.Bridge;

/// <summary>The command line of <c>ice bridge</c>.</summary>
internal sealed class BridgeOptions
{
    // A person has to copy a line: the other side may begin long after this one. The tool has a limit of its own.
    private static readonly TimeSpan s_patience = TimeSpan.FromHours(1);

    private readonly Argument<string?> _side = new("side") { Description = "offer or answer: one side each.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<string?> _listen = new("--listen", "-l") { Description = "Where the application sends to, such as 127.0.0.1:5000; without it, 127.0.0.1 and a free port, which is told." };
    private readonly Option<string?> _forward = new("--forward", "-f") { Description = "Where the application receives, such as 127.0.0.1:5001; without it, where its first datagram comes from." };
    private readonly Option<bool> _anyPort = new("--any-port") { Description = "Take datagrams from any port of the application's address, for programs that send from another than they receive on." };
    private readonly Option<bool> _anyHost = new("--any-host") { Description = "Without --forward: take an application on another machine too. Who comes first is the one." };
    private readonly Option<string[]> _servers = new("--server", "-s") { Description = "A STUN or TURN server, as stun:HOST, turn:HOST, turn:HOST?transport=tcp or turns:HOST. Repeatable.", DefaultValueFactory = _ => [] };
    private readonly Option<string?> _user = new("--user", "-u") { Description = "The username for the TURN servers." };
    private readonly Option<string?> _password = new("--password", "-p") { Description = "The password for the TURN servers." };
    private readonly Option<string> _policy = new("--policy") { Description = "all, or relay: through a TURN server only.", DefaultValueFactory = _ => "all" };
    private readonly Option<bool> _loopback = new("--loopback") { Description = "Take loopback addresses too: for two sides on one machine." };
    private readonly Option<string?> _folder = new("--signal-dir", "-d") { Description = "Exchange the lines as files in a folder that both sides see, in place of copy and paste." };
    private readonly Option<int> _timeout = new("--timeout", "-t") { Description = "For how many seconds to look for a way, once the lines are exchanged.", DefaultValueFactory = _ => 120 };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a line." };

    public Argument Side => _side;

    public IEnumerable<Option> All => [_listen, _forward, _anyPort, _anyHost, _servers, _user, _password, _policy, _loopback, _folder, _timeout, _json];

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">A value cannot be used; the message says which and what is expected.</exception>
    public BridgeSettings Read(ParseResult parsed)
    {
        string? side = parsed.GetValue(_side);
        bool offers = side switch
        {
            "offer" => true,
            "answer" => false,
            null => throw new FormatException("Which side is this? One runs 'ice bridge offer', the other 'ice bridge answer'."),
            _ => throw new FormatException($"'{side}' is no side: one runs 'ice bridge offer', the other 'ice bridge answer'."),
        };
        int timeout = parsed.GetValue(_timeout);
        if (timeout is < 1 or > 3600)
            throw new FormatException("--timeout must be 1 to 3600 seconds.");
        return new BridgeSettings(offers, ReadBridge(parsed), ReadAgent(parsed, offers), parsed.GetValue(_folder), TimeSpan.FromSeconds(timeout), parsed.GetValue(_json));
    }

    private static IPEndPoint EndPoint(string option, string text) => IPEndPoint.TryParse(text, out IPEndPoint? endPoint) && (endPoint.Port != 0 || text.EndsWith(":0", StringComparison.Ordinal))
        ? endPoint
        : throw new FormatException($"{option} '{text}' is no address with a port: write it as 127.0.0.1:5000 or [::1]:5000.");

    // A server on this machine is reached from loopback addresses only.
    private static bool IsOnLoopback(StunUri uri) => uri.Host is "localhost" || (IPAddress.TryParse(uri.Host, out IPAddress? address) && IPAddress.IsLoopback(address));

    private IceUdpBridgeOptions ReadBridge(ParseResult parsed)
    {
        IPEndPoint? application = parsed.GetValue(_forward) is { } forward ? EndPoint("--forward", forward) : null;
        if (application is { Port: 0 })
            throw new FormatException("--forward needs the port that the application receives on, such as 127.0.0.1:5001.");
        IPEndPoint local = parsed.GetValue(_listen) is { } listen
            ? EndPoint("--listen", listen)
            : new IPEndPoint(LocalFor(application?.Address ?? IPAddress.Loopback), 0);
        if (application is not null && application.AddressFamily != local.AddressFamily)
            throw new FormatException($"--listen {local} and --forward {application} must both be IPv4, or both IPv6.");
        return new IceUdpBridgeOptions { Local = local, Application = application, AnySourcePort = parsed.GetValue(_anyPort), AcceptRemoteApplication = parsed.GetValue(_anyHost) };
    }

    private static IPAddress LocalFor(IPAddress application) => (IPAddress.IsLoopback(application), application.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork) switch
    {
        (true, true) => IPAddress.Loopback,
        (true, false) => IPAddress.IPv6Loopback,
        (false, true) => IPAddress.Any,
        (false, false) => IPAddress.IPv6Any,
    };

    private IceAgentOptions ReadAgent(ParseResult parsed, bool offers)
    {
        string? user = parsed.GetValue(_user);
        string? password = parsed.GetValue(_password);
        if ((user is null) != (password is null))
            throw new FormatException("--user and --password belong together.");
        IceServer[] servers = [.. parsed.GetValue(_servers)!.Select(url => Server(url, user, password))];
        string? policyName = parsed.GetValue(_policy);
        IceTransportPolicy policy = policyName switch
        {
            "all" => IceTransportPolicy.All,
            "relay" => IceTransportPolicy.Relay,
            _ => throw new FormatException($"--policy '{policyName}' is unknown: write all or relay."),
        };
        if (policy == IceTransportPolicy.Relay && !servers.Any(server => server.Uris[0].IsTurn))
            throw new FormatException("--policy relay needs a TURN server: give --server turn:HOST with --user and --password.");
        return new IceAgentOptions
        {
            Role = offers ? IceRole.Controlling : IceRole.Controlled,
            Servers = servers,
            Policy = policy,
            PatienceTimeout = s_patience,
            IncludeLoopback = parsed.GetValue(_loopback) || servers.Any(server => IsOnLoopback(server.Uris[0])) || LocalAddresses.OnlyLoopback(null, ipv6: true),
        };
    }

    private static IceServer Server(string url, string? user, string? password)
    {
        if (!StunUri.TryParse(url, out StunUri? uri))
            throw new FormatException($"'{url}' is no server: write it as stun:HOST, turn:HOST, turn:HOST:PORT?transport=tcp or turns:HOST.");
        if (uri.IsTurn && user is null)
            throw new FormatException($"{url} needs --user and --password.");
        return uri.IsTurn ? new IceServer(url, user, password) : new IceServer(url);
    }
}
