using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using IceTool.Demo.Page;

namespace IceTool.Tests;

[TestFixture]
[CancelAfter(30_000)]
internal sealed class DemoTests
{
    [Test]
    public async Task Once_connects_two_agents_over_real_sockets_and_leaves_with_0(CancellationToken cancellationToken)
    {
        (int exitCode, string output, string errors) = await ToolProcess.RunAsync(cancellationToken, "demo", "--once", "--json");
        Assert.That(exitCode, Is.Zero, output + errors);
        JsonObject[] lines = [.. output.Split('\n').Select(l => JsonNode.Parse(l)!.AsObject())];
        foreach (string agent in (string[])["alice", "bob"])
        {
            JsonObject[] own = [.. lines.Where(l => (string?)l["agent"] == agent)];
            Assert.That(own.Select(l => (string?)l["ev"]), Is.SupersetOf((string[])["candidate", "server", "gathered", "check", "state", "pair", "data"]), agent);
            Assert.That(own.Where(l => (string?)l["ev"] == "server").All(l => (bool)l["ok"]!), Is.True, agent);
            Assert.That(own.Last(l => (string?)l["ev"] == "pair")["nominated"]!.GetValue<bool>(), Is.True, agent);
        }

        Assert.That((string?)lines[^1]["ev"], Is.EqualTo("done"));
        Assert.That((bool)lines[^1]["ok"]!, Is.True);
        Assert.That((double)lines[^1]["connectMs"]!, Is.GreaterThan(0));
    }

    [Test]
    public async Task Once_tells_a_person_each_step(CancellationToken cancellationToken)
    {
        (int exitCode, string output, _) = await ToolProcess.RunAsync(cancellationToken, "demo", "--once");
        Assert.That(exitCode, Is.Zero, output);
        Assert.That(output, Does.Contain("Candidates").And.Contain("priority").And.Contain("succeeded").And.Contain("nominated").And.Contain("Hello, Bob!").And.Contain("It works"));
        Assert.That(output, Does.Not.Contain('\e'), "no color codes where no terminal is");
    }

    [Test]
    [Platform(Exclude = "Win", Reason = "Ctrl-C is sent as a signal")]
    public async Task The_page_is_served_to_this_machine_only_and_Ctrl_C_ends_it_with_0(CancellationToken cancellationToken)
    {
        await using ToolProcess demo = ToolProcess.Start("demo", "--json", "--port", "0");
        var url = new Uri((string)(await demo.NextAsync(cancellationToken, "page"))["url"]!);
        using var client = new HttpClient();
        using (HttpResponseMessage page = await client.GetAsync(url, cancellationToken))
        {
            Assert.That(page.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(page.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("default-src 'none'"));
            Assert.That(await page.Content.ReadAsByteArrayAsync(cancellationToken), Is.EqualTo(PageDocument.Html));
        }

        using (var foreign = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Host = "attacker.example" } })
        using (HttpResponseMessage refused = await client.SendAsync(foreign, cancellationToken))
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));

        await demo.InterruptAsync(cancellationToken);
        Assert.That(await demo.WaitForExitAsync(cancellationToken), Is.Zero);
    }

    [Test]
    public async Task Wrong_signaling_is_told_to_the_page_and_ends_its_session_only(CancellationToken cancellationToken)
    {
        (string Query, string? Message, string Expected)[] cases =
        [
            ("?role=boss", null, "role=boss"), ("?trickle=half", null, "trickle=half"), ("", "no JSON", "no JSON"), ("", "{}", "\\\"type\\\""),
            ("", "{\"type\":\"dance\"}", "dance"), ("", "{\"type\":\"remote\",\"ufrag\":\"x\",\"pwd\":\"y\"}", "4 to 256"),
            ("", "{\"type\":\"candidate\",\"candidate\":\"nonsense\"}", "component"), ("", new string('x', 70_000), "65536"),
        ];
        await using ToolProcess demo = ToolProcess.Start("demo", "--json", "--port", "0");
        var url = new Uri((string)(await demo.NextAsync(cancellationToken, "page"))["url"]!);
        foreach ((string query, string? message, string expected) in cases)
            Assert.That(await ConverseAsync(url, query, message, cancellationToken), Does.Contain("\"type\":\"error\"").And.Contains(expected));
        using var next = new ClientWebSocket();
        await next.ConnectAsync(new Uri($"ws://{url.Authority}/signalling"), cancellationToken);
        Assert.That(await ReadAsync(next, cancellationToken), Does.Contain("\"type\":\"hello\""));
    }

    [Test]
    public async Task Signaling_from_another_origin_is_refused(CancellationToken cancellationToken)
    {
        await using ToolProcess demo = ToolProcess.Start("demo", "--json", "--port", "0");
        var url = new Uri((string)(await demo.NextAsync(cancellationToken, "page"))["url"]!);
        using var socket = new ClientWebSocket();
        socket.Options.SetRequestHeader("Origin", "http://attacker.example");
        await Assert.ThatAsync(() => socket.ConnectAsync(new Uri($"ws://{url.Authority}/signalling"), cancellationToken), Throws.InstanceOf<WebSocketException>().With.Message.Contains("403"));
    }

    [Test]
    public async Task A_port_that_was_asked_for_and_is_taken_is_an_error_that_says_what_to_try(CancellationToken cancellationToken)
    {
        using var holder = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        string port = $"{((IPEndPoint)holder.LocalEndpoint).Port}";
        (int exitCode, _, string errors) = await ToolProcess.RunAsync(cancellationToken, "demo", "--port", port);
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.Contain(port).And.Contain("leave --port out"));
    }

    [Test]
    public void The_page_needs_nothing_from_anywhere_else()
    {
        string html = Encoding.UTF8.GetString(PageDocument.Html);
        MatchCollection urls = Regex.Matches(html, @"(https?:)?//[a-z0-9.]+\.[a-z]+[^\s'""]*");
        Assert.That(urls.Select(m => m.Value), Is.All.EqualTo("http://www.w3.org/2000/svg"));
        Assert.That(Regex.Matches(html, @"\b(src|href)=""([^""]*)""").Select(m => m.Groups[2].Value), Is.All.StartsWith("data:"));
        Assert.That(html, Does.Not.Contain("/*STYLE*/").And.Not.Contain("/*SCRIPT*/"));
    }

    private static async Task<string> ConverseAsync(Uri url, string query, string? message, CancellationToken cancellationToken)
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(new Uri($"ws://{url.Authority}/signalling{query}"), cancellationToken);
        if (message is not null)
            await socket.SendAsync(Encoding.UTF8.GetBytes(message), WebSocketMessageType.Text, true, cancellationToken);
        var said = new StringBuilder();
        while (await ReadAsync(socket, cancellationToken) is { } text)
            _ = said.AppendLine(text);
        return said.ToString();
    }

    private static async Task<string?> ReadAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[16_384];
        WebSocketReceiveResult result = await socket.ReceiveAsync(buffer, cancellationToken);
        return result.MessageType == WebSocketMessageType.Close ? null : Encoding.UTF8.GetString(buffer, 0, result.Count);
    }
}
