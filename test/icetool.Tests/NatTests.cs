using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Ice.Server;
using IceTool.Nat;
using Stun;

namespace IceTool.Tests;

[TestFixture]
[CancelAfter(60_000)]
internal sealed class NatTests
{
    [Test]
    public async Task A_program_reads_the_verdict_in_the_last_line(CancellationToken cancellationToken)
    {
        await using ToolProcess server = ToolProcess.Start("serve", "--udp", "127.0.0.1:0", "--alternate", "127.0.0.2:0", "--json");
        string address = (string)(await server.NextAsync(cancellationToken, "listening"))["address"]!;
        (int exitCode, string output, string errors) = await ToolProcess.RunAsync(cancellationToken, "nat", "--server", $"stun:{address}", "--interface", "127.0.0.1", "--fragments", "--json");
        Assert.That(exitCode, Is.Zero, output + errors);
        JsonObject[] lines = [.. output.Split('\n').Select(static l => JsonNode.Parse(l)!.AsObject())];
        Assert.That(lines.Select(static l => (string?)l["ev"]), Does.Contain("step").And.Contain("nat"));
        JsonObject result = lines[^1];
        Assert.That(((string?)result["ev"], (string?)result["mapping"], (string?)result["filtering"]), Is.EqualTo(("result", "endpoint-independent", "endpoint-independent")));
        Assert.That(((bool?)result["translated"], (bool?)result["portPreservation"], (bool?)result["fragments"], (bool?)result["udpBlocked"]), Is.EqualTo(((bool?)false, (bool?)true, (bool?)true, (bool?)false)));
        Assert.That(result["hairpinning"], Is.Null);
        Assert.That((string?)result["unknown"]!["hairpinning"], Does.Contain("no NAT"));
        Assert.That((string?)result["unknown"]!["lifetimeSeconds"], Does.Contain("not asked for"));
        Assert.That(result["unknown"]!["mapping"], Is.Null);
    }

    [Test]
    public async Task A_person_is_told_what_a_plain_server_cannot_tell(CancellationToken cancellationToken)
    {
        await using var server = new TurnServer(new TurnServerOptions { UdpEndPoints = [new IPEndPoint(IPAddress.Loopback, 0)] });
        await server.StartAsync(cancellationToken);
        (int exitCode, string output, string errors) = await ToolProcess.RunAsync(cancellationToken, "nat", "--server", $"stun:{server.UdpEndPoints[0]}", "-i", "127.0.0.1");
        Assert.That(exitCode, Is.Zero, output + errors);
        Assert.That(output, Does.Contain("No NAT: the public address is 127.0.0.1").And.Contain("1 of 1 answered").And.Contain("has no second address"));
        Assert.That(output, Does.Match("filtering +unknown"));
    }

    [Test]
    public async Task No_answer_is_a_failure_with_advice(CancellationToken cancellationToken)
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        (int exitCode, string output, _) = await ToolProcess.RunAsync(cancellationToken, "nat", "--server", $"stun:{silent.LocalEndPoint}", "-i", "127.0.0.1");
        Assert.That(exitCode, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("No answer over UDP").And.Contain("turns:HOST:443"));
    }

    [Test]
    public async Task Ctrl_C_ends_it(CancellationToken cancellationToken)
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using ToolProcess nat = ToolProcess.Start("nat", "--server", $"stun:{silent.LocalEndPoint}", "-i", "127.0.0.1", "--json");
        _ = await nat.NextAsync(cancellationToken, "step");
        await nat.InterruptAsync(cancellationToken);
        Assert.That(await nat.WaitForExitAsync(cancellationToken), Is.EqualTo(130));
    }

    [TestCase("--server", "--json")]
    [TestCase("stun:HOST", "--server", "example.org")]
    [TestCase("10 to 3600", "--server", "stun:192.0.2.1", "--lifetime", "5")]
    [TestCase("there is none", "--server", "stun:192.0.2.1", "--interface", "no-such-interface")]
    [TestCase("not both", "--server", "stun:192.0.2.1", "--interface", "no-such-interface", "--interface", "192.0.2.7")]
    public async Task A_wrong_command_line_is_refused_with_what_is_expected(string hint, params string[] arguments)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        (int exitCode, string output, string errors) = await ToolProcess.RunAsync(patience.Token, ["nat", .. arguments]);
        Assert.That(exitCode, Is.EqualTo(2), output);
        Assert.That(errors, Does.Contain(hint).And.Contain("ice nat --help"));
    }

    [TestCase(NatMappingBehavior.EndpointIndependent, NatFilteringBehavior.EndpointIndependent, "ddd ddd ddd", "Every peer")]
    [TestCase(NatMappingBehavior.EndpointIndependent, NatFilteringBehavior.AddressDependent, "ddd ddd ddd", "Every peer")]
    [TestCase(NatMappingBehavior.EndpointIndependent, NatFilteringBehavior.AddressAndPortDependent, "ddd rrr rrr", "that is most homes")]
    [TestCase(NatMappingBehavior.AddressDependent, NatFilteringBehavior.EndpointIndependent, "ddr ddr ddr", "that filter by address at most")]
    [TestCase(NatMappingBehavior.AddressAndPortDependent, NatFilteringBehavior.AddressAndPortDependent, "ddr rrr rrr", "that filter by address at most")]
    public void The_table_of_peers_is_what_the_behaviors_allow(NatMappingBehavior mapping, NatFilteringBehavior filtering, string expected, string sentence)
    {
        NatBehavior found = new() { Translated = new(true), Mapping = new(mapping), Filtering = new(filtering) };
        string[] rows = [.. NatVerdict.Peers().GroupBy(static p => p.Mapping).Select(row => string.Concat(row.Select(p => NatVerdict.IsDirect(found, p.Mapping, p.Filtering) == true ? 'd' : 'r')))];
        Assert.That(string.Join(' ', rows), Is.EqualTo(expected));
        Assert.That(NatVerdict.Reach(found), Does.Contain(sentence));
    }
}
