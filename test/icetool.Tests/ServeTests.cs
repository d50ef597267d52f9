using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Stun;
using Turn;

namespace IceTool.Tests;

[TestFixture]
[CancelAfter(60_000)]
internal sealed class ServeTests
{
    [Test]
    public async Task A_client_allocates_and_Ctrl_C_ends_everything(CancellationToken cancellationToken)
    {
        await using ToolProcess server = ToolProcess.Start("serve", "--udp", "127.0.0.1:0", "--tcp", "127.0.0.1:0", "--tls", "127.0.0.1:0", "--user", "alice:secret", "--allow-loopback", "--json");
        JsonObject listening = await server.NextAsync(cancellationToken, "listening");
        Assert.That((string?)listening["transport"], Is.EqualTo("udp"));
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await client.ConnectAsync(IPEndPoint.Parse((string)listening["address"]!), cancellationToken);
        await AllocateAsync(client, cancellationToken);
        JsonObject allocated = await server.NextAsync(cancellationToken, "allocated");
        Assert.That(((string?)allocated["user"], (string?)allocated["client"], (string?)allocated["over"]), Is.EqualTo(("alice", client.LocalEndPoint!.ToString(), "udp")));
        Assert.That((string?)allocated["relayed"], Does.StartWith("127.0.0.1:"));
        await server.InterruptAsync(cancellationToken);
        JsonObject ended = await server.NextAsync(cancellationToken, "ended");
        Assert.That((string?)ended["reason"], Is.EqualTo("ServerStopped"));
        Assert.That(await server.WaitForExitAsync(cancellationToken), Is.Zero);
    }

    [Test]
    public async Task An_address_in_use_is_said_with_what_to_try(CancellationToken cancellationToken)
    {
        using var holder = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        holder.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        (int exitCode, _, string errors) = await ToolProcess.RunAsync(cancellationToken, "serve", "--udp", $"{holder.LocalEndPoint}");
        Assert.That(exitCode, Is.EqualTo(1));
        Assert.That(errors, Does.Contain($"{holder.LocalEndPoint} is in use").And.Contain("another port"));
    }

    [TestCase("--udp", "here", "192.0.2.1")]
    [TestCase("--relay-range", "9-1", "49152-65535")]
    [TestCase("--user", "password-without-a-name", "name:password")]
    [TestCase("--relay-address", "x", "IP address")]
    public async Task A_wrong_value_is_said_with_the_right_form(string option, string value, string hint, CancellationToken cancellationToken)
    {
        (int exitCode, _, string errors) = await ToolProcess.RunAsync(cancellationToken, "serve", option, value);
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(errors, Does.Contain(hint).And.Contain(option));
        Assert.That(errors, Does.Not.Contain("password-without"), "It may be a password.");
    }

    private static async Task AllocateAsync(Socket client, CancellationToken cancellationToken)
    {
        var credentials = new LongTermClient(new LongTermCredential("alice", "secret"));
        byte[] buffer = new byte[1000];
        ResponseVerdict verdict;
        do
        {
            (byte[] request, RequestStamp stamp) = Write(credentials);
            _ = await client.SendAsync(request, cancellationToken);
            int length = await client.ReceiveAsync(buffer, cancellationToken);
            Assert.That(StunMessage.TryParse(buffer.AsSpan(0, length), out StunMessage message, out _), Is.True);
            verdict = credentials.Check(message, stamp, reliable: false);
            Assert.That(verdict == ResponseVerdict.Retry || message.Class == StunClass.SuccessResponse, Is.True);
        }
        while (verdict == ResponseVerdict.Retry);
    }

    private static (byte[] Request, RequestStamp Stamp) Write(LongTermClient credentials)
    {
        byte[] buffer = new byte[500];
        var writer = new StunWriter(buffer, StunMethod.Allocate, StunClass.Request, TransactionId.Create(EntropySource.Secure));
        writer.AddRequestedTransport(TurnTransport.Udp);
        RequestStamp stamp = credentials.Sign(ref writer);
        return (writer.Written.ToArray(), stamp);
    }
}
