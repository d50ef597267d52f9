using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Ice;
using IceTool.Bridge;

namespace IceTool.Tests;

[TestFixture]
[CancelAfter(60_000)]
internal sealed class BridgeTests
{
    [Test]
    public async Task Two_sides_find_each_other_through_a_folder_and_carry_what_applications_say(CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("bridge-").FullName;
        try
        {
            using Socket server = Open();
            var offering = new RecordingBridgeReport();
            var answering = new RecordingBridgeReport();
            using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            Task<bool> answer = new BridgeSession(Settings(offers: false, (IPEndPoint)server.LocalEndPoint!), new FolderSignaling(folder, answering, TimeProvider.System), answering).RunAsync(stop.Token);
            Task<bool> offer = new BridgeSession(Settings(offers: true, null), new FolderSignaling(folder, offering, TimeProvider.System), offering).RunAsync(stop.Token);
            await Task.WhenAll(offering.IsConnected, answering.IsConnected).WaitAsync(cancellationToken);
            await EchoAsync(server, await offering.Opened, cancellationToken);
            await stop.CancelAsync();
            Assert.That((await offer, await answer), Is.EqualTo((true, true)));
            Assert.That((offering.Ended!.SentToPeer, answering.Ended!.SentToApplication), Is.EqualTo((1L, 1L)));
            Assert.That(Directory.GetFiles(folder), Is.Empty);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public async Task What_a_folder_holds_that_is_no_line_ends_it_with_the_reason(CancellationToken cancellationToken)
    {
        string folder = Directory.CreateTempSubdirectory("bridge-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "offer"), "shopping list\n", cancellationToken);
            var report = new RecordingBridgeReport();
            var session = new BridgeSession(Settings(offers: false, null), new FolderSignaling(folder, report, TimeProvider.System), report);
            Assert.That(async () => await session.RunAsync(cancellationToken), Throws.InstanceOf<BridgeException>().With.Message.Contains("ice-offer:"));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Test]
    public async Task Nobody_at_the_other_side_is_said_after_the_time_that_was_given(CancellationToken cancellationToken)
    {
        await using var nobody = new IceAgent(new IceAgentOptions());
        using Socket silent = Open();
        var offer = new SignalText(true, nobody.LocalParameters, [IceCandidate.Parse($"candidate:1 1 udp 2130706431 127.0.0.1 {((IPEndPoint)silent.LocalEndPoint!).Port} typ host")], "");
        var report = new RecordingBridgeReport();
        var session = new BridgeSession(Settings(offers: false, null) with { Timeout = TimeSpan.FromMilliseconds(300) }, new LineSignaling(new StringReader(offer.Encode() + "\n"), report), report);
        Assert.That(async () => await session.RunAsync(cancellationToken), Throws.InstanceOf<BridgeException>().With.Message.Contains("1 pairs").And.Message.Contains("--server turn:"));
    }

    [Test]
    public async Task By_copy_and_paste_two_programs_connect_and_Ctrl_C_ends_them(CancellationToken cancellationToken)
    {
        using Socket server = Open();
        await using ToolProcess offering = ToolProcess.Start("bridge", "offer", "--listen", "127.0.0.1:0", "--loopback", "--json");
        await using ToolProcess answering = ToolProcess.Start("bridge", "answer", "--forward", $"{server.LocalEndPoint}", "--loopback", "--json");
        string listen = (string)(await offering.NextAsync(cancellationToken, "open"))["listen"]!;
        string offer = (string)(await offering.NextAsync(cancellationToken, "offer"))["line"]!;

        await answering.WriteLineAsync("not it");
        Assert.That((string?)(await answering.NextAsync(cancellationToken, "error"))["message"], Does.Contain("ice-offer:"));
        await answering.WriteLineAsync(offer);
        string answer = (string)(await answering.NextAsync(cancellationToken, "answer"))["line"]!;

        SignalText read = SignalText.Decode(answer, offer: false);
        await offering.WriteLineAsync((read with { Offer = "else" }).Encode());
        Assert.That((string?)(await offering.NextAsync(cancellationToken, "error"))["message"], Does.Contain("another offer"));
        await offering.WriteLineAsync(answer);
        await answering.WriteLineAsync("");

        _ = await offering.NextAsync(cancellationToken, "connected");
        _ = await answering.NextAsync(cancellationToken, "connected");
        await EchoAsync(server, IPEndPoint.Parse(listen), cancellationToken);
        Assert.That((string?)(await offering.NextAsync(cancellationToken, "application"))["address"], Does.StartWith("127.0.0.1:"));
        await offering.InterruptAsync(cancellationToken);
        JsonObject ended = await offering.NextAsync(cancellationToken, "ended");
        Assert.That(((int?)ended["sentToPeer"], (int?)ended["sentToApplication"]), Is.EqualTo((1, 1)));
        Assert.That(await offering.WaitForExitAsync(cancellationToken), Is.Zero);
        await answering.InterruptAsync(cancellationToken);
        Assert.That(await answering.WaitForExitAsync(cancellationToken), Is.Zero);
    }

    [Test]
    public async Task A_person_finds_the_line_alone_on_the_output_and_the_end_of_the_input_explained(CancellationToken cancellationToken)
    {
        (int exitCode, string output, string errors) = await ToolProcess.RunAsync(cancellationToken, "bridge", "offer", "--loopback");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(output, Does.Match("^ice-offer:[A-Za-z0-9_-]+$"));
        Assert.That(errors, Does.Contain("Bridge at 127.0.0.1:").And.Contain("The input ended").And.Contain("--signal-dir"));
    }

    [TestCase("Which side", "")]
    [TestCase("no side", "both")]
    [TestCase("127.0.0.1:5000", "offer", "--listen", "5000")]
    [TestCase("receives on", "offer", "--forward", "127.0.0.1:0")]
    [TestCase("both be IPv4", "offer", "--listen", "[::1]:5000", "--forward", "127.0.0.1:5001")]
    [TestCase("stun:HOST", "offer", "--server", "example.org")]
    [TestCase("--user and --password", "offer", "--server", "turn:example.org")]
    [TestCase("belong together", "offer", "--server", "turn:example.org", "--user", "alice")]
    [TestCase("turn:HOST", "offer", "--policy", "relay")]
    [TestCase("all or relay", "offer", "--policy", "some")]
    [TestCase("1 to 3600", "offer", "--timeout", "0")]
    public async Task A_wrong_command_line_is_said_with_the_right_form(string hint, params string[] arguments)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        (int exitCode, string output, string errors) = await ToolProcess.RunAsync(patience.Token, ["bridge", .. arguments.Where(argument => argument.Length > 0)]);
        Assert.That(exitCode, Is.EqualTo(2), errors);
        Assert.That(output, Is.Empty);
        Assert.That(errors, Does.Contain(hint).And.Contain("ice bridge --help"));
    }

    [Test]
    public async Task A_port_that_is_taken_is_said(CancellationToken cancellationToken)
    {
        using Socket holder = Open();
        (int exitCode, _, string errors) = await ToolProcess.RunAsync(cancellationToken, "bridge", "offer", "--loopback", "--listen", $"{holder.LocalEndPoint}");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors, Does.Contain($"{holder.LocalEndPoint} cannot be used").And.Contain("another port"));
    }

    private static BridgeSettings Settings(bool offers, IPEndPoint? application) => new(
        offers,
        new IceUdpBridgeOptions { Application = application },
        new IceAgentOptions { Role = offers ? IceRole.Controlling : IceRole.Controlled, BindAddresses = [IPAddress.Loopback], IncludeLoopback = true },
        Folder: null,
        TimeSpan.FromSeconds(30),
        Json: false);

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    // An application asks through one bridge, and what stands behind the other answers.
    private static async Task EchoAsync(Socket server, IPEndPoint bridge, CancellationToken cancellationToken)
    {
        using Socket client = Open();
        byte[] buffer = new byte[100];
        _ = await client.SendToAsync("anybody there?"u8.ToArray(), bridge, cancellationToken);
        SocketReceiveFromResult asked = await server.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), cancellationToken);
        Assert.That(Encoding.ASCII.GetString(buffer, 0, asked.ReceivedBytes), Is.EqualTo("anybody there?"));
        _ = await server.SendToAsync("yes"u8.ToArray(), asked.RemoteEndPoint, cancellationToken);
        SocketReceiveFromResult answered = await client.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), cancellationToken);
        Assert.That((Encoding.ASCII.GetString(buffer, 0, answered.ReceivedBytes), answered.RemoteEndPoint), Is.EqualTo(("yes", bridge)));
    }
}
