using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using System.Text.Json.Nodes;
using Ice.Server;
using Turn;

namespace IceTool.Tests;

[TestFixture]
[CancelAfter(30_000)]
internal sealed class PeerTests
{
    [Test]
    public async Task Two_peers_connect_and_exchange_data([Values("127.0.0.1", "::1")] string address, [Values] bool trickle, CancellationToken cancellationToken)
    {
        await using ToolProcess a = Start(address, "controlling");
        await using ToolProcess b = Start(address, "controlled");
        await ConnectAsync(a, b, trickle, cancellationToken);
        JsonObject pairOfA = a.Last("pair");
        JsonObject pairOfB = b.Last("pair");
        Assert.That(EndOf(pairOfA, "local"), Is.EqualTo(EndOf(pairOfB, "remote")));
        Assert.That(EndOf(pairOfA, "remote"), Is.EqualTo(EndOf(pairOfB, "local")));

        await a.SendAsync(new { cmd = "send", data = "Grüße" });
        JsonObject text = await b.NextAsync(cancellationToken, "data");
        Assert.That((string?)text["text"], Is.EqualTo("Grüße"));
        Assert.That((string?)text["hex"], Is.EqualTo("4772c3bcc39f65"));
        Assert.That((int)text["len"]!, Is.EqualTo(7));
        Assert.That(text.ContainsKey("component"), Is.False);

        await b.SendAsync(new { cmd = "send", hex = "16FEFD00" });
        Assert.That((string?)(await a.NextAsync(cancellationToken, "data"))["hex"], Is.EqualTo("16fefd00"));

        await a.SendAsync(new { cmd = "close" });
        Assert.That((string?)(await NextStateAsync(a, "closed", cancellationToken))["state"], Is.EqualTo("closed"));
        Assert.That(await a.WaitForExitAsync(cancellationToken), Is.Zero);
    }

    [Test]
    public async Task A_peer_may_be_behind_a_mux(CancellationToken cancellationToken)
    {
        await using ToolProcess a = Start("127.0.0.1", "controlling", "\"mux\":true");
        await using ToolProcess b = Start("127.0.0.1", "controlled");
        await ConnectAsync(a, b, trickle: true, cancellationToken);
        await a.SendAsync(new { cmd = "send", data = "there" });
        Assert.That((string?)(await b.NextAsync(cancellationToken, "data"))["text"], Is.EqualTo("there"));
        await b.SendAsync(new { cmd = "send", data = "back" });
        Assert.That((string?)(await a.NextAsync(cancellationToken, "data"))["text"], Is.EqualTo("back"));
        await a.SendAsync(new { cmd = "close" });
        Assert.That(await a.WaitForExitAsync(cancellationToken), Is.Zero);
    }

    [Test]
    public async Task With_two_components_lines_name_theirs(CancellationToken cancellationToken)
    {
        await using ToolProcess a = Start("127.0.0.1", "controlling", "\"components\":2");
        await using ToolProcess b = Start("127.0.0.1", "controlled", "\"components\":2");
        await ConnectAsync(a, b, trickle: false, cancellationToken);
        await a.SendAsync(new { cmd = "send", data = "rtcp", component = 2 });
        JsonObject data = await b.NextAsync(cancellationToken, "data");
        Assert.That((int)data["component"]!, Is.EqualTo(2));
        await a.SendAsync(new { cmd = "send", data = "x", component = 3 });
        Assert.That((string?)(await a.NextAsync(cancellationToken, "error"))["message"], Does.Contain("component 3"));
    }

    [Test]
    public async Task After_a_restart_the_peers_connect_anew(CancellationToken cancellationToken)
    {
        await using ToolProcess a = Start("127.0.0.1", "controlling");
        await using ToolProcess b = Start("127.0.0.1", "controlled");
        await ConnectAsync(a, b, trickle: false, cancellationToken);
        await a.SendAsync(new { cmd = "restart" });
        await b.SendAsync(new { cmd = "restart" });
        await ExchangeAsync(await DescribeAsync(a, cancellationToken), b);
        await ExchangeAsync(await DescribeAsync(b, cancellationToken), a);
        _ = await a.NextAsync(cancellationToken, "pair");
        _ = await b.NextAsync(cancellationToken, "pair");
        await a.SendAsync(new { cmd = "send", data = "again" });
        Assert.That((string?)(await b.NextAsync(cancellationToken, "data"))["text"], Is.EqualTo("again"));
    }

    [Test]
    public async Task Malformed_lines_give_an_error_each_and_change_nothing(CancellationToken cancellationToken)
    {
        string[] wrong =
        [
            "no JSON", "[]", "1", "{}", "{\"cmd\":5}", "{\"cmd\":\"dance\"}", "{\"cmd\":\"candidate\"}", "{\"cmd\":\"candidate\",\"candidate\":\"x\"}",
            "{\"cmd\":\"remote\"}", "{\"cmd\":\"remote\",\"ufrag\":\"abcd\",\"pwd\":\"short\"}",
            "{\"cmd\":\"remote\",\"ufrag\":\"abcd\",\"pwd\":\"0123456789012345678901\",\"candidates\":[\"candidate:1 1 udp 1 127.0.0.1 9 typ host\",\"bad\"]}",
            "{\"cmd\":\"remote\",\"ufrag\":\"abcd\",\"pwd\":\"0123456789012345678901\",\"candidates\":\"none\"}",
            "{\"cmd\":\"remote\",\"ufrag\":\"abcd\",\"pwd\":\"0123456789012345678901\",\"end\":\"yes\"}",
            "{\"cmd\":\"send\"}", "{\"cmd\":\"send\",\"hex\":\"0g\"}", "{\"cmd\":\"send\",\"hex\":\"012\"}", "{\"cmd\":\"send\",\"data\":\"too early\"}",
            "{\"cmd\":\"send\",\"data\":\"x\",\"component\":0}", "{\"cmd\":\"restart\"}", "\u0000\u0001", "{\"cmd\":\"gather\"", new string('[', 5_000),
        ];
        await using ToolProcess a = Start("127.0.0.1", "controlling");
        JsonObject local = await a.NextAsync(cancellationToken, "local");
        foreach (string line in wrong)
        {
            await a.WriteLineAsync(line);
            JsonObject answer = await a.NextAsync(cancellationToken);
            Assert.That((string?)answer["ev"], Is.EqualTo("error"), line);
            Assert.That((string?)answer["message"], Is.Not.Empty, line);
        }

        await a.SendAsync(new { cmd = "stats" });
        JsonObject stats = await a.NextAsync(cancellationToken);
        Assert.That((string?)stats["ev"], Is.EqualTo("stats"));
        Assert.That((string?)stats["iceState"], Is.EqualTo("new"));
        Assert.That((string?)stats["iceLocalUsernameFragment"], Is.EqualTo((string?)local["ufrag"]));
        Assert.That(stats["candidatePairs"]!.AsArray(), Is.Empty);

        await using ToolProcess b = Start("127.0.0.1", "controlled");
        await ConnectAsync(a, b, trickle: false, cancellationToken, localOfA: local);
    }

    [Test]
    public async Task Each_server_has_a_line_that_says_what_it_answered_or_why_not(CancellationToken cancellationToken)
    {
        await using var server = new TurnServer(new TurnServerOptions { UdpEndPoints = [new IPEndPoint(IPAddress.Loopback, 0)] });
        await server.StartAsync(cancellationToken);
        IPEndPoint listening = server.UdpEndPoints[0];
        await using ToolProcess a = Start("127.0.0.1", "controlling", $"\"stun\":[\"{listening}\"],\"turn\":[{{\"host\":\"192.0.2.1\",\"user\":\"u\",\"pass\":\"very secret\"}}],\"tcp\":true");
        await a.SendAsync(new { cmd = "gather" });
        var servers = new Dictionary<string, JsonObject>();
        while (servers.Count < 2)
        {
            JsonObject line = await a.NextAsync(cancellationToken, "server");
            servers[(string)line["url"]!] = line;
        }

        JsonObject stun = servers[$"stun:{listening}"];
        Assert.That((bool)stun["ok"]!, Is.True);
        Assert.That((double)stun["ms"]!, Is.GreaterThan(0));
        JsonObject turn = servers["turn:192.0.2.1:3478?transport=udp"];
        Assert.That((bool)turn["ok"]!, Is.False);
        Assert.That((string?)turn["reason"], Does.Contain("no local address can reach 192.0.2.1"));
        Assert.That(turn.ToJsonString(), Does.Not.Contain("very secret"));
        Assert.That(server.GetStatistics().Successes, Is.EqualTo(1));
    }

    [Test]
    public async Task A_relay_over_TLS_takes_its_authority_from_a_file_and_its_password_from_a_secret(CancellationToken cancellationToken)
    {
        using X509Certificate2 certificate = TurnTests.MakeCertificate();
        using var authority = new TurnTests.TemporaryPem(certificate);
        await using var server = new TurnServer(new TurnServerOptions
        {
            TlsEndPoints = [new IPEndPoint(IPAddress.Loopback, 0)],
            Certificate = certificate,
            RestSecret = "s3cret",
            Policy = new RelayPolicy { AllowLoopback = true },
        });
        await server.StartAsync(cancellationToken);
        string entry = $"\"host\":\"127.0.0.1\",\"port\":{server.TlsEndPoints[0].Port},\"transport\":\"tls\",\"user\":\"bob\",\"secret\":\"s3cret\"";
        JsonObject trusted = await ServerLineAsync($"{entry},\"ca\":{JsonSerializer.Serialize(authority.Path)}", cancellationToken);
        JsonObject untrusted = await ServerLineAsync(entry, cancellationToken);

        Assert.That((bool)trusted["ok"]!, Is.True, trusted.ToJsonString());
        Assert.That((bool)untrusted["ok"]!, Is.False);
        Assert.That((string?)untrusted["reason"], Does.Contain("TrustedRoots"));
        Assert.That(trusted.ToJsonString() + untrusted.ToJsonString(), Does.Not.Contain("s3cret"));
    }

    [Test]
    public async Task A_file_of_authorities_that_cannot_be_read_is_named(CancellationToken cancellationToken)
    {
        (int exitCode, _, string errors) = await ToolProcess.RunAsync(
            cancellationToken, "peer", "{\"turn\":[{\"host\":\"192.0.2.1\",\"user\":\"u\",\"pass\":\"p\",\"transport\":\"tls\",\"ca\":\"no-such-file.pem\"}]}");
        Assert.That(exitCode, Is.Not.Zero);
        Assert.That(errors, Does.Contain("no-such-file.pem").And.Contain("ca"));
    }

    [Test]
    public async Task Pairs_and_stats_tell_where_a_connection_stands(CancellationToken cancellationToken)
    {
        await using ToolProcess a = Start("127.0.0.1", "controlling");
        await using ToolProcess b = Start("127.0.0.1", "controlled");
        await ConnectAsync(a, b, trickle: false, cancellationToken);
        await a.SendAsync(new { cmd = "pairs" });
        JsonObject pair = (await a.NextAsync(cancellationToken, "pairs"))["pairs"]!.AsArray().Single()!.AsObject();
        Assert.That((string?)pair["state"], Is.EqualTo("succeeded"));
        Assert.That((bool)pair["nominated"]!, Is.True);
        Assert.That((double)pair["currentRoundTripTime"]!, Is.GreaterThan(0).And.LessThan(5));
        await a.SendAsync(new { cmd = "stats" });
        JsonObject stats = await a.NextAsync(cancellationToken, "stats");
        Assert.That((string?)stats["iceState"], Is.EqualTo("connected"));
        Assert.That((string?)stats["iceRole"], Is.EqualTo("controlling"));
        Assert.That((int)stats["selectedCandidatePairId"]!, Is.EqualTo((int)pair["id"]!));
    }

    [TestCase("[]")]
    [TestCase("{\"role\":\"boss\"}")]
    [TestCase("{\"pacing\":1}")]
    [TestCase("{\"addresses\":[\"eth0\"]}")]
    [TestCase("{\"stun\":\"192.0.2.1\"}")]
    [TestCase("{\"components\":0}")]
    [TestCase("{\"policy\":\"relay\"}")]
    [TestCase("{\"traversal\":true}")]
    [TestCase("{\"traversal\":{\"probesPerSecond\":500}}")]
    [TestCase("{\"traversal\":{},\"lite\":true}")]
    [TestCase("{")]
    public async Task A_configuration_that_cannot_be_used_is_said_and_exits_with_2(string config, CancellationToken cancellationToken)
    {
        (int exitCode, string output, string errors) = await ToolProcess.RunAsync(cancellationToken, "peer", config);
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That((string?)JsonNode.Parse(output)!["ev"], Is.EqualTo("error"));
        Assert.That(errors, Does.StartWith("ice peer: "));
    }

    [Test]
    public async Task The_end_of_the_input_ends_the_peer_with_0(CancellationToken cancellationToken)
    {
        (int exitCode, string output, _) = await ToolProcess.RunAsync(cancellationToken, "peer", "{\"unknown\":true}");
        Assert.That(exitCode, Is.Zero);
        Assert.That(output, Does.StartWith("{\"ev\":\"local\"").And.EndsWith("{\"ev\":\"state\",\"state\":\"closed\"}"));
    }

    private static ToolProcess Start(string address, string role, string more = "\"tcp\":false") =>
        ToolProcess.Start("peer", $"{{\"role\":\"{role}\",\"addresses\":[\"{address}\"],{more}}}");

    private static async Task<JsonObject> ServerLineAsync(string turn, CancellationToken cancellationToken)
    {
        await using ToolProcess peer = Start("127.0.0.1", "controlling", $"\"turn\":[{{{turn}}}]");
        await peer.SendAsync(new { cmd = "gather" });
        return await peer.NextAsync(cancellationToken, "server");
    }

    private static async Task ConnectAsync(ToolProcess a, ToolProcess b, bool trickle, CancellationToken cancellationToken, JsonObject? localOfA = null)
    {
        localOfA ??= await a.NextAsync(cancellationToken, "local");
        JsonObject localOfB = await b.NextAsync(cancellationToken, "local");
        if (trickle)
        {
            await a.SendAsync(new { cmd = "remote", ufrag = (string?)localOfB["ufrag"], pwd = (string?)localOfB["pwd"], end = false });
            await b.SendAsync(new { cmd = "remote", ufrag = (string?)localOfA["ufrag"], pwd = (string?)localOfA["pwd"], end = false });
        }

        await a.SendAsync(new { cmd = "gather" });
        await b.SendAsync(new { cmd = "gather" });
        if (trickle)
        {
            await Task.WhenAll(TrickleAsync(a, b, cancellationToken), TrickleAsync(b, a, cancellationToken));
        }
        else
        {
            (JsonObject, List<string>) ofA = (localOfA, await CandidatesAsync(a, cancellationToken));
            (JsonObject, List<string>) ofB = (localOfB, await CandidatesAsync(b, cancellationToken));
            await ExchangeAsync(ofA, b);
            await ExchangeAsync(ofB, a);
        }

        _ = await NextStateAsync(a, "connected", cancellationToken);
        _ = await NextStateAsync(b, "connected", cancellationToken);
    }

    private static async Task TrickleAsync(ToolProcess from, ToolProcess to, CancellationToken cancellationToken)
    {
        foreach (string candidate in await CandidatesAsync(from, cancellationToken))
            await to.SendAsync(new { cmd = "candidate", candidate });
        await to.SendAsync(new { cmd = "end" });
    }

    private static Task ExchangeAsync((JsonObject Local, List<string> Candidates) description, ToolProcess to) => to.SendAsync(new
    {
        cmd = "remote",
        ufrag = (string?)description.Local["ufrag"],
        pwd = (string?)description.Local["pwd"],
        candidates = description.Candidates,
        end = true,
    });

    private static async Task<(JsonObject Local, List<string> Candidates)> DescribeAsync(ToolProcess peer, CancellationToken cancellationToken) =>
        (await peer.NextAsync(cancellationToken, "local"), await CandidatesAsync(peer, cancellationToken));

    private static async Task<List<string>> CandidatesAsync(ToolProcess peer, CancellationToken cancellationToken)
    {
        var candidates = new List<string>();
        while (true)
        {
            JsonObject line = await peer.NextAsync(cancellationToken);
            if ((string?)line["ev"] == "candidate")
                candidates.Add((string)line["candidate"]!);
            else if ((string?)line["ev"] == "gathered")
                return candidates;
        }
    }

    private static async Task<JsonObject> NextStateAsync(ToolProcess peer, string state, CancellationToken cancellationToken)
    {
        while (true)
        {
            JsonObject line = await peer.NextAsync(cancellationToken, "state");
            if ((string?)line["state"] == state)
                return line;
        }
    }

    private static string EndOf(JsonObject pair, string side)
    {
        string[] fields = ((string)pair[side]!).Split(' ');
        return $"{fields[4]} {fields[5]}";
    }
}
