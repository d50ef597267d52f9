using System.Net;
using System.Net.Sockets;
using Ice.Server;

namespace IceTool.Tests;

[TestFixture]
[CancelAfter(30_000)]
internal sealed class GatherTests
{
    [Test]
    public async Task Candidates_and_the_servers_answer_are_told(CancellationToken cancellationToken)
    {
        await using var server = new TurnServer(new TurnServerOptions { UdpEndPoints = [new IPEndPoint(IPAddress.Loopback, 0)] });
        await server.StartAsync(cancellationToken);
        string url = $"stun:{server.UdpEndPoints[0]}";
        (int exitCode, string output, string errors) = await ToolProcess.RunAsync(cancellationToken, "gather", "--server", url);
        Assert.That(exitCode, Is.Zero, output + errors);
        Assert.That(output, Does.Contain("host   127.0.0.1:").And.Contain("Foundation").And.Contain($"✓ {url} answered"));
    }

    [Test]
    public async Task A_server_that_does_not_answer_is_an_error_with_its_reason(CancellationToken cancellationToken)
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        (int exitCode, string output, _) = await ToolProcess.RunAsync(cancellationToken, "gather", "-s", $"stun:{silent.LocalEndPoint}", "--timeout", "1", "--json");
        Assert.That(exitCode, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("\"ok\":false").And.Contain("no answer"));
    }

    [TestCase("example.org", "stun:HOST")]
    [TestCase("http://example.org", "stun:HOST")]
    public async Task What_is_no_server_is_refused_with_the_right_form(string url, string hint, CancellationToken cancellationToken)
    {
        (int exitCode, _, string errors) = await ToolProcess.RunAsync(cancellationToken, "gather", "--server", url);
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.Contain(hint).And.Contain("ice gather --help"));
    }
}
