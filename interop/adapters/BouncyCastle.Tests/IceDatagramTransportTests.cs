using System.Collections.Concurrent;
using Ice.Testing;
using Org.BouncyCastle.Tls;

namespace Ice.BouncyCastle.Tests;

internal sealed class IceDatagramTransportTests
{
    [Test]
    [Rfc(5764, "4.2")]
    public async Task A_DTLS_association_is_made_over_the_pair_and_both_sides_export_the_same_keys_for_SRTP()
    {
        await using AgentPair agents = await AgentPair.ConnectedAsync();
        await using DtlsPair dtls = await DtlsPair.ConnectedAsync(agents);

        Assert.That(await DtlsPair.CarryAsync(dtls.Left, dtls.Right, "from the client"u8.ToArray()), Is.EqualTo("from the client"u8.ToArray()));
        Assert.That(await DtlsPair.CarryAsync(dtls.Right, dtls.Left, "from the server"u8.ToArray()), Is.EqualTo("from the server"u8.ToArray()));
        Assert.That(dtls.Client.Profile, Is.EqualTo(SrtpProtectionProfile.SRTP_AEAD_AES_128_GCM));
        Assert.That(dtls.Server.Profile, Is.EqualTo(dtls.Client.Profile));
        Assert.That(dtls.Client.Keys, Is.EqualTo(dtls.Server.Keys));
        Assert.That(dtls.Client.Keys, Has.Length.EqualTo(SrtpClient.KeyLength).And.Some.Not.Zero);
        Assert.That((dtls.LeftTransport.Dropped, dtls.LeftTransport.Unsent, dtls.LeftTransport.Unclaimed), Is.EqualTo((0L, 0L, 0L)));
    }

    [Test]
    [Rfc(7983, "7")]
    public async Task SRTP_shares_the_pair_and_each_gets_its_own()
    {
        ConcurrentQueue<byte[]> others = [];
        TaskCompletionSource last = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using AgentPair agents = await AgentPair.ConnectedAsync();
        await using DtlsPair dtls = await DtlsPair.ConnectedAsync(agents, options => options with { OtherDatagrams = Take });

        // RTP and RTCP begin with 128 to 191; DTLS goes on between them.
        for (byte i = 0; i < 64; i++)
        {
            Assert.That(agents.Left.TrySend([(byte)(128 + i), i]), Is.True);
            byte[] message = [i, 1, 2, 3];
            Assert.That(await DtlsPair.CarryAsync(dtls.Left, dtls.Right, message), Is.EqualTo(message));
        }

        await last.Task.WaitAsync(AgentPair.Limit);
        Assert.That(others, Is.EqualTo(Enumerable.Range(0, 64).Select(static i => new byte[] { (byte)(128 + i), (byte)i })));
        Assert.That(dtls.RightTransport.Unclaimed, Is.Zero);

        void Take(IceComponent component, ReadOnlySpan<byte> datagram, Stun.TransportAddress remote)
        {
            others.Enqueue(datagram.ToArray());
            if (datagram[0] == 191)
                last.TrySetResult();
        }
    }

    [Test]
    public async Task Closing_DTLS_leaves_the_other_consumer_its_datagrams()
    {
        TaskCompletionSource<byte[]> taken = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using AgentPair agents = await AgentPair.ConnectedAsync();
        await using DtlsPair dtls = await DtlsPair.ConnectedAsync(agents, options => options with { OtherDatagrams = (_, datagram, _) => taken.TrySetResult(datagram.ToArray()) });
        Task<IOException> ended = DtlsPair.OnThread(() => Caught(() => dtls.Right.Receive(new byte[2048], 0)));
        dtls.Left.Close();

        Assert.That(await ended.WaitAsync(AgentPair.Limit), Is.InstanceOf<IOException>(), "the goodbye ends the receive that waits for ever");
        agents.Left.TrySend([128, 7]);
        Assert.That(await taken.Task.WaitAsync(AgentPair.Limit), Is.EqualTo(new byte[] { 128, 7 }));
    }

    [Test]
    [Rfc(6347, "4.1.1.1")]
    public async Task Fragments_keep_to_what_the_pair_carries()
    {
        ConcurrentBag<NarrowSocket> sockets = [];
        await using AgentPair agents = await AgentPair.ConnectedAsync(options => options with { SocketFactory = Open });
        // 28 bytes of headers: the datagrams have 400.
        await using DtlsPair dtls = await DtlsPair.ConnectedAsync(agents, options => options with { ReceiveLimit = 400 }, padding: 3000);

        // A datagram of more than the receive limit would have been dropped.
        Assert.That((dtls.LeftTransport.Dropped, dtls.RightTransport.Dropped), Is.EqualTo((0L, 0L)));
        DatagramSender sender = dtls.LeftTransport;
        Assert.That(sender.GetSendLimit(), Is.EqualTo(400));
        foreach (NarrowSocket socket in sockets)
            socket.ReportTooBig(agents.Left.SelectedPair!.Remote.Address.ToIPEndPoint(), 348);
        Assert.That(sender.GetSendLimit(), Is.EqualTo(320), "a router has reported less");
        dtls.LeftTransport.SendLimit = 300;
        Assert.That(sender.GetSendLimit(), Is.EqualTo(300), "the application wants still less");

        NarrowSocket Open(System.Net.IPEndPoint local)
        {
            NarrowSocket socket = new(local, 428);
            sockets.Add(socket);
            return socket;
        }
    }

    [Test]
    public async Task Without_a_pair_the_limit_is_that_of_the_options()
    {
        await using IceAgent agent = new(AgentPair.Options(IceRole.Controlling));
        await using IceDatagramTransport transport = new(agent.Components[0], new IceDatagramTransportOptions { SendLimit = 1300 });
        Assert.That(((DatagramSender)transport).GetSendLimit(), Is.EqualTo(1300));
    }

    [Test]
    [Rfc(6347, "4.1.1.1")]
    public async Task Long_handshake_messages_go_in_fragments_that_keep_to_the_send_limit()
    {
        await using AgentPair agents = await AgentPair.ConnectedAsync();
        long bytes = agents.Left.GetStats().BytesSent;
        await using DtlsPair dtls = await DtlsPair.ConnectedAsync(agents, options => options with { SendLimit = 400, ReceiveLimit = 400 }, padding: 3000);

        // A datagram of more than the receive limit would have been dropped.
        Assert.That((dtls.LeftTransport.Dropped, dtls.RightTransport.Dropped), Is.EqualTo((0L, 0L)));
        Assert.That(agents.Left.GetStats().BytesSent - bytes, Is.GreaterThan(3000));
    }

    [Test]
    public async Task The_association_outlives_a_restart_of_ICE()
    {
        await using AgentPair agents = await AgentPair.ConnectedAsync();
        await using DtlsPair dtls = await DtlsPair.ConnectedAsync(agents);
        for (byte i = 0; i < 3; i++)
        {
            await agents.RestartAsync();
            byte[] message = [i];
            Assert.That(await DtlsPair.CarryAsync(dtls.Left, dtls.Right, message), Is.EqualTo(message));
            Assert.That(await DtlsPair.CarryAsync(dtls.Right, dtls.Left, message), Is.EqualTo(message));
        }
    }

    [Test]
    public async Task A_receive_returns_when_its_time_is_over()
    {
        await using AgentPair agents = await AgentPair.ConnectedAsync();
        await using IceDatagramTransport transport = new(agents.Left.Components[0]);

        Assert.That(transport.Receive(new byte[10], 0, 10, 1), Is.EqualTo(-1));
        Assert.That(transport.Receive(new byte[10].AsSpan(), 1), Is.EqualTo(-1));
        Assert.That(() => transport.Receive(new byte[10].AsSpan(), -1), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public async Task Both_overloads_carry_the_bytes_that_they_are_given()
    {
        await using AgentPair agents = await AgentPair.ConnectedAsync();
        await using IceDatagramTransport left = new(agents.Left.Components[0]);
        await using IceDatagramTransport right = new(agents.Right.Components[0]);
        byte[] buffer = new byte[8];
        left.Send([0, 0, 22, 1, 2, 3, 0], 2, 4);
        Assert.That(right.Receive(buffer, 1, 7, 0), Is.EqualTo(4));
        Assert.That(buffer, Is.EqualTo(new byte[] { 0, 22, 1, 2, 3, 0, 0, 0 }));
        left.Send([63, 9]);
        Assert.That(right.Receive(buffer.AsSpan(), 0), Is.EqualTo(2));
        Assert.That(buffer[..2], Is.EqualTo(new byte[] { 63, 9 }));
    }

    [Test]
    public async Task Disposing_ends_what_waits_and_lets_another_receive()
    {
        await using AgentPair agents = await AgentPair.ConnectedAsync();
        IceDatagramTransport transport = new(agents.Left.Components[0]);
        Task<IOException> ended = DtlsPair.OnThread(() => Caught(() => transport.Receive(new byte[10].AsSpan(), 0)));
        await transport.DisposeAsync();
        await transport.DisposeAsync();

        Assert.That(await ended.WaitAsync(AgentPair.Limit), Is.InstanceOf<IOException>());
        ValueTask<IceReceiveResult> receive = agents.Left.ReceiveAsync(new byte[10]);
        agents.Right.TrySend([22, 1]);
        Assert.That((await receive.AsTask().WaitAsync(AgentPair.Limit)).Length, Is.EqualTo(2));
    }

    [Test]
    public async Task Disposing_the_agent_ends_what_waits_and_what_is_sent()
    {
        await using AgentPair agents = await AgentPair.ConnectedAsync();
        await using IceDatagramTransport transport = new(agents.Left.Components[0]);
        Task<IOException> ended = DtlsPair.OnThread(() => Caught(() => transport.Receive(new byte[10].AsSpan(), 0)));
        await agents.Left.DisposeAsync();

        Assert.That((await ended.WaitAsync(AgentPair.Limit)).Message, Does.Contain("agent was disposed"));
        Assert.That(() => transport.Send([22]), Throws.InstanceOf<IOException>());
    }

    [Test]
    public async Task What_cannot_be_kept_or_claimed_is_dropped_and_counted()
    {
        await using AgentPair agents = await AgentPair.ConnectedAsync();
        await using IceDatagramTransport transport = new(agents.Right.Components[0], new IceDatagramTransportOptions { ReceiveLimit = 256, Slots = 2 });
        agents.Left.TrySend([200]);
        agents.Left.TrySend([22, .. new byte[256]]);
        for (byte i = 0; i < 5; i++)
            agents.Left.TrySend([22, i]);
        agents.Left.TrySend([201]);
        await AgentPair.EventuallyAsync(() => transport.Unclaimed == 2);

        Assert.That(transport.Dropped, Is.EqualTo(4));
        byte[] buffer = new byte[256];
        Assert.That((transport.Receive(buffer.AsSpan(), 0), buffer[1]), Is.EqualTo((2, (byte)0)));
        Assert.That((transport.Receive(buffer.AsSpan(), 0), buffer[1]), Is.EqualTo((2, (byte)1)));
        Assert.That(transport.Receive(buffer.AsSpan(), 1), Is.EqualTo(-1));
    }

    [Test]
    public async Task Wrong_use_is_refused_at_once()
    {
        await using IceAgent handled = new(AgentPair.Options(IceRole.Controlling) with { DatagramHandler = static (_, _, _) => { } });
        await using IceAgent agent = new(AgentPair.Options(IceRole.Controlling));
        await using IceDatagramTransport first = new(agent.Components[0]);

        Assert.That(() => new IceDatagramTransport(handled.Components[0]), Throws.InvalidOperationException.With.Message.Contains("DatagramHandler"));
        Assert.That(() => new IceDatagramTransport(agent.Components[0]), Throws.InvalidOperationException.With.Message.Contains("one receive at a time"));
        Assert.That(() => new IceDatagramTransport(agent.Components[0], new IceDatagramTransportOptions { SendLimit = 20 }), Throws.ArgumentException.With.Message.Contains("SendLimit"));
        Assert.That(() => new IceDatagramTransport(null!), Throws.ArgumentNullException);
    }

    private static IOException Caught(Func<int> work)
    {
        try
        {
            throw new AssertionException($"it returned {work()}");
        }
        catch (IOException exception)
        {
            return exception;
        }
    }
}
