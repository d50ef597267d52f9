using System.Text;
using Stun;

namespace Ice.Simulation.Tests;

/// <summary>TCP connections in virtual time.</summary>
public class StreamTests
{
    [Test]
    public void Bytes_arrive_whole_and_in_order_however_many_segments_are_lost_reordered_or_doubled([Range(1, 10)] int seed)
    {
        var conditions = new LinkConditions { Latency = TimeSpan.FromMilliseconds(30), Jitter = TimeSpan.FromMilliseconds(20), Loss = LossModel.Random(0.2), Reorder = 0.2, Duplicate = 0.1 };
        var net = new TestNet((ulong)seed);
        Endpoint client = net.Host("client", net.Internet, "192.0.2.1", conditions);
        Endpoint server = net.Host("server", net.Internet, "192.0.2.2");
        var heard = new StringBuilder();
        var echoed = new StringBuilder();
        server.Host.Listen(server.Address.WithPort(443), stream => stream.Received = bytes =>
        {
            _ = heard.Append(Encoding.ASCII.GetString(bytes.Span));
            stream.Send(bytes.Span);
        });
        SimStream opened = client.Host.Connect(client.Address.WithPort(0), server.Address.WithPort(443));
        opened.Received = bytes => echoed.Append(Encoding.ASCII.GetString(bytes.Span));
        string sent = string.Concat(Enumerable.Range(0, 2_000).Select(static i => $"{i} "));
        foreach (char[] part in sent.Chunk(333))
            opened.Send(Encoding.ASCII.GetBytes(part));
        net.Network.RunFor(TimeSpan.FromMinutes(10));
        Assert.Multiple(() =>
        {
            Assert.That(heard.ToString(), Is.EqualTo(sent), $"seed {seed}");
            Assert.That(echoed.ToString(), Is.EqualTo(sent), $"seed {seed}");
        });
    }

    [Test]
    public void A_connection_to_a_port_where_nobody_listens_is_refused()
    {
        (SimNetwork network, SimStream stream, List<string> reasons) = Open(listens: false);
        network.RunFor(TimeSpan.FromSeconds(1));
        Assert.That(stream.IsClosed, Is.True);
        Assert.That(reasons, Is.EqualTo(new[] { "the connection was refused" }));
    }

    [Test]
    public void The_other_end_is_told_of_a_close_and_a_silent_one_is_given_up()
    {
        (SimNetwork network, SimStream stream, List<string> reasons) = Open(listens: true);
        network.RunFor(TimeSpan.FromSeconds(1));
        stream.Interface.Link.Cut();
        stream.Send("into the void"u8);
        network.RunFor(TimeSpan.FromMinutes(3));
        Assert.Multiple(() =>
        {
            Assert.That(stream.IsClosed, Is.True);
            Assert.That(reasons, Is.EqualTo(new[] { "the other end does not acknowledge what is sent" }));
            Assert.That(() => stream.Send("x"u8), Throws.TypeOf<ObjectDisposedException>());
            Assert.That(network.Pending, Is.Zero, "a closed connection leaves no timer");
        });
    }

    private static (SimNetwork Network, SimStream Stream, List<string> Reasons) Open(bool listens)
    {
        var net = new TestNet(1);
        Endpoint client = net.Host("client", net.Internet, "2001:db8::1");
        Endpoint server = net.Host("server", net.Internet, "2001:db8::2");
        if (listens)
            server.Host.Listen(server.Address.WithPort(443), static _ => { });
        SimStream stream = client.Host.Connect(client.Address.WithPort(0), server.Address.WithPort(443));
        List<string> reasons = [];
        stream.Closed = reasons.Add;
        return (net.Network, stream, reasons);
    }
}
