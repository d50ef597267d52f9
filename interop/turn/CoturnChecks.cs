using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Ice.Server;
using Turn;

namespace Ice.Interop.Turn;

/// <summary>Every kind of client that coturn's programs can be, against one server on loopback.</summary>
internal sealed partial class CoturnChecks(TurnServer server, string filter)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(40);

    private int _passed;
    private int _failed;
    private int _peerPort;

    public static async Task<int> RunAsync(string[] args)
    {
        using var certificate = Certificates.Create();
        await using var server = new TurnServer(new TurnServerOptions
        {
            UdpEndPoints = [new(IPAddress.Loopback, 0), new(IPAddress.IPv6Loopback, 0)],
            AlternateUdpEndPoint = new(IPAddress.Parse("127.0.0.2"), 0),
            TcpEndPoints = [new(IPAddress.Loopback, 0)],
            TlsEndPoints = [new(IPAddress.Loopback, 0)],
            Certificate = certificate,
            Realm = "interop.test",
            Users = new Dictionary<string, string> { ["user"] = "pass" },
            RestSecret = "s3cret",
            // turnutils_uclient draws its channel numbers from the range of RFC 5766.
            Policy = new RelayPolicy { AllowLoopback = true, AllowLegacyChannels = true, MaxChallengesPerSecond = 0 },
        });
        await server.StartAsync();
        var checks = new CoturnChecks(server, args.Length > 0 ? args[0] : "");
        await checks.RunAllAsync();
        TurnServerStatistics statistics = server.GetStatistics();
        Console.WriteLine($"server: {statistics.AllocationsMade} allocations, {statistics.DatagramsToPeers} datagrams to peers, {statistics.DatagramsToClients} to clients");
        Console.WriteLine($"{checks._passed} passed, {checks._failed} failed");
        return checks._failed == 0 && checks._passed > 0 ? 0 : 1;
    }

    private async Task RunAllAsync()
    {
        _peerPort = FreePort();
        using Process peer = Tool.Start("turnutils_peer", ["-L", "127.0.0.1", "-L", "::1", "-p", Text(_peerPort)]);
        try
        {
            await UdpAsync();
            await StreamsAsync();
            await ExtensionsAsync();
            await CredentialsAsync();
            await BindingAsync();
        }
        finally
        {
            peer.Kill();
            await peer.WaitForExitAsync();
        }
    }

    private async Task UdpAsync()
    {
        await RelaysAsync("UDP, channels", ["-c"]);
        await RelaysAsync("UDP, Send and Data indications", ["-c", "-s"]);
        await RelaysAsync("UDP, 20 clients at once, 50 messages each", ["-c", "-m", "20", "-n", "50"], 1000);
        await RelaysAsync("UDP, large messages", ["-c", "-l", "1300"]);
        await RelaysAsync("UDP, RTP and RTCP on an even port and the reserved one after it", [], 10);
        await RelaysAsync("UDP, DONT-FRAGMENT", ["-c", "-g"]);
        await RelaysAsync("UDP, from client to client through two relays", ["-y", "-c", "-m", "2"], 10);
        await RelaysAsync("UDP, IPv4 client with an IPv6 relay", ["-c", "-x", "-e", "::1"]);
        await RelaysAsync("UDP, IPv6 client with an IPv6 relay", ["-c", "-x", "-e", "::1"], address: "::1");
        await RelaysAsync("UDP, IPv6 client with an IPv4 relay", ["-c"], address: "::1");
    }

    private async Task StreamsAsync()
    {
        string tcp = Text(server.TcpEndPoints[0].Port);
        string tls = Text(server.TlsEndPoints[0].Port);
        await RelaysAsync("TCP, channels", ["-c", "-t", "-p", tcp]);
        await RelaysAsync("TCP, Send and Data indications", ["-c", "-t", "-s", "-p", tcp]);
        await RelaysAsync("TCP, 10 clients at once", ["-c", "-t", "-m", "10", "-p", tcp], 50);
        await RelaysAsync("TLS, channels", ["-c", "-t", "-S", "-p", tls]);
        await RelaysAsync("TLS, Send and Data indications", ["-c", "-t", "-S", "-s", "-p", tls]);
    }

    private async Task ExtensionsAsync()
    {
        string tcp = Text(server.TcpEndPoints[0].Port);
        string tls = Text(server.TlsEndPoints[0].Port);
        await RelaysAsync("RFC 6062, TCP relays from client to client", ["-y", "-c", "-t", "-T", "-m", "2", "-p", tcp], 10);
        await RelaysAsync("RFC 6062, the same over TLS", ["-y", "-c", "-t", "-T", "-S", "-m", "2", "-p", tls], 10);
    }

    private async Task CredentialsAsync()
    {
        await RelaysAsync("time-limited credentials of a shared secret", ["-c", "-W", "s3cret"], user: []);
        await CheckAsync("a wrong password is refused", "turnutils_uclient", Client(["-c"], ["-u", "user", "-w", "wrong"], "127.0.0.1"), IsRefused);
        await CheckAsync("an unknown user is refused", "turnutils_uclient", Client(["-c"], ["-u", "nobody", "-w", "pass"], "127.0.0.1"), IsRefused);
    }

    private async Task BindingAsync()
    {
        string port = Text(server.UdpEndPoints[0].Port);
        await CheckAsync("turnutils_stunclient learns its address and tests RFC 5780", "turnutils_stunclient", ["-p", port, "127.0.0.1"], r => r.ExitCode == 0 && Regex.Count(r.Output, "UDP reflexive addr: 127.0.0.1:") >= 2);
        // Not told which local address it has, the program takes every path for a NAT; what kind it finds is what counts.
        await CheckAsync("turnutils_natdiscovery finds that mapping and filtering depend on nothing", "turnutils_natdiscovery", ["-m", "-f", "-p", port, "127.0.0.1"], FindsNoDependence);
        await CheckAsync("turnutils_natdiscovery finds the same with padding", "turnutils_natdiscovery", ["-m", "-f", "-P", "-p", port, "127.0.0.1"], FindsNoDependence);
    }

    private Task RelaysAsync(string name, string[] arguments, int expected = 5, string address = "127.0.0.1", string[]? user = null) =>
        CheckAsync(name, "turnutils_uclient", Client(arguments, user ?? ["-u", "user", "-w", "pass"], address), r => r.ExitCode == 0 && Received(r) == expected);

    private string[] Client(string[] arguments, string[] user, string address)
    {
        int port = server.UdpEndPoints.First(e => e.Address.ToString() == address).Port;
        // The last of two equal options counts.
        return ["-n", "5", "-m", "1", "-e", "127.0.0.1", "-r", Text(_peerPort), "-p", Text(port), .. user, .. arguments, address];
    }

    private async Task CheckAsync(string name, string program, string[] arguments, Func<ToolResult, bool> isRight, TimeSpan? limit = null)
    {
        if (!name.Contains(filter, StringComparison.OrdinalIgnoreCase))
            return;
        ToolResult result = await Tool.RunAsync(program, arguments, limit ?? s_limit);
        if (isRight(result))
        {
            _passed++;
            Console.WriteLine($"ok {name}");
            return;
        }

        _failed++;
        Console.WriteLine($"FAIL {name}: {program} {string.Join(' ', arguments)} ended with {result.ExitCode}");
        foreach (string line in result.Output.Split('\n').TakeLast(12))
            Console.WriteLine($"    {line.TrimEnd()}");
    }

    private static bool FindsNoDependence(ToolResult result) => result.ExitCode == 0
        && result.Output.Contains("NAT with Endpoint Independent Mapping!", StringComparison.Ordinal)
        && result.Output.Contains("NAT with Endpoint Independent Filtering!", StringComparison.Ordinal);

    private static bool IsRefused(ToolResult result) => result.ExitCode != 0 && result.Output.Contains("Cannot complete Allocation", StringComparison.Ordinal) && Received(result) == 0;

    private static int Received(ToolResult result) =>
        ReceivedMessages().Matches(result.Output) is { Count: > 0 } all ? int.Parse(all[^1].Groups[1].Value, CultureInfo.InvariantCulture) : 0;

    [GeneratedRegex("tot_recv_msgs=([0-9]+)")]
    private static partial Regex ReceivedMessages();

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    // turnutils_peer takes the port and the one after it.
    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
