using Ice.Testing;
using Stun;

namespace Turn.Tests.Server;

[TestFixture]
internal sealed class AbuseTests
{
    [Test]
    [NonParallelizable]
    public void A_flood_without_credentials_leaves_nothing_behind()
    {
        var rig = new ServerRig();
        byte[] request = new byte[100];
        byte[] reply = new byte[TurnServerCore.MaxReplyLength];
        var writer = new StunWriter(request, StunMethod.Allocate, StunClass.Request, TransactionId.Create(rig.Entropy));
        writer.AddRequestedTransport(TurnTransport.Udp);
        ReadOnlySpan<byte> message = writer.Written;
        Flood(rig, message, reply, 0, 1000);
        long before = GC.GetTotalMemory(forceFullCollection: true);
        long answered = Flood(rig, message, reply, 1000, 100_000);
        long after = GC.GetTotalMemory(forceFullCollection: true);
        // The bound: 100,000 sources leave no entry in any table, and not a byte each. What is measured here is the test runner's own.
        Assert.That(after - before, Is.LessThan(100_000));
        Assert.That(rig.Core.EntryCount, Is.Zero);
        Assert.That(rig.Core.PendingDeadlines, Is.Zero);
        Assert.That(answered + rig.Core.Counters.GetDropped(TurnServerDrop.ChallengeLimit), Is.EqualTo(100_000));
        Assert.That(rig.Core.TryGetEvent(out _), Is.False);
    }

    [Test]
    public void One_address_is_challenged_only_so_often()
    {
        var rig = new ServerRig(o => o with { Policy = new RelayPolicy { MaxChallengesPerSecond = 10 } });
        byte[] reply = new byte[TurnServerCore.MaxReplyLength];
        byte[] request = new byte[20];
        _ = new StunWriter(request, StunMethod.Allocate, StunClass.Request, TransactionId.Create(rig.Entropy));
        int answered = 0;
        for (int port = 1; port <= 1000; port++)
        {
            _ = rig.Core.HandleClient(ServerRig.Path(port: port), request, rig.Now);
            answered += rig.Core.TryGetTransmit(reply, out _) ? 1 : 0;
        }

        Assert.That(answered, Is.EqualTo(20));
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.ChallengeLimit), Is.EqualTo(980));
        // A stream's source is no forgery.
        _ = rig.Core.HandleClient(ServerRig.Path(stream: true), request, rig.Now);
        Assert.That(rig.Core.TryGetTransmit(reply, out _), Is.True);
        rig.Advance(1);
        _ = rig.Core.HandleClient(ServerRig.Path(), request, rig.Now);
        Assert.That(rig.Core.TryGetTransmit(reply, out _), Is.True);
    }

    [Test]
    public void Replies_that_nobody_collects_are_bounded()
    {
        var rig = new ServerRig(o => o with { Policy = new RelayPolicy { MaxChallengesPerSecond = 0 } });
        byte[] request = new byte[20];
        _ = new StunWriter(request, StunMethod.Binding, StunClass.Request, TransactionId.Create(rig.Entropy));
        for (int i = 0; i < TurnServerDefaults.MaxWaitingReplies + 100; i++)
            _ = rig.Core.HandleClient(ServerRig.Path(), request, rig.Now);
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.ReplyQueueFull), Is.EqualTo(100));
    }

    [Test]
    [Rfc(8489, "6.3")]
    [NonParallelizable]
    public void Half_a_million_mutations_neither_throw_nor_grow_anything([Values(1ul)] ulong seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        var rig = new ServerRig(o => o with
        {
            Policy = new RelayPolicy { MaxAllocations = 20, MaxAllocationsPerUser = 20, MaxPermissions = 16, MaxChannels = 16, MaxPeerConnections = 4, MaxReservations = 4, MaxChallengesPerSecond = 0 },
            Tokens = new TurnTokenAuthority("turn.example.org", [new("kid", new byte[32])]),
            Behavior = new BehaviorAddresses(ServerRig.Listening, TransportAddress.Parse("192.0.2.2", 3479)),
        });
        List<byte[]> corpus = Corpus(rig);
        var random = new Random((int)seed);
        byte[] buffer = new byte[3000];
        byte[] reply = new byte[TurnServerCore.MaxReplyLength];
        byte[] peerBuffer = new byte[400];
        int most = 0;
        for (int i = 0; i < 500_000; i++)
        {
            int length = Mutate(corpus[random.Next(corpus.Count)], random, buffer);
            FiveTuple path = ServerRig.Path(port: 5000 + random.Next(3), stream: random.Next(2) == 0);
            TurnForward forward = rig.Core.HandleClient(path, buffer.AsSpan(0, length), rig.Now);
            if (forward.Kind == TurnForwardKind.ToPeer)
                Assert.That(forward.Offset + forward.Length, Is.LessThanOrEqualTo(length));
            if (i % 10 == 0)
                _ = rig.Core.HandlePeer(new RelayId(random.Next(20)), ServerRig.Peer, peerBuffer, 48, random.Next(300), rig.Now);
            Drain(rig, reply);
            if (i % 1000 == 0)
                rig.Advance(random.Next(20));
            most = Math.Max(most, rig.Core.EntryCount);
        }

        // 20 allocations (path, id, relay and relayed address of both families), 2 users, 4 reservations, their connections.
        Assert.That(most, Is.LessThan(20 * 8 + 10 + 4 * 3 + 20 * 4 * 2));
        rig.Core.Close();
        rig.Pump();
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }

    private static long Flood(ServerRig rig, ReadOnlySpan<byte> message, byte[] reply, int first, int count)
    {
        Span<byte> address = stackalloc byte[4];
        long answered = 0;
        for (int i = first; i < first + count; i++)
        {
            address[0] = 198;
            address[1] = (byte)(18 + (i >> 16));
            address[2] = (byte)(i >> 8);
            address[3] = (byte)i;
            var path = new FiveTuple(StunTransport.Udp, TransportAddress.FromBytes(address, 1024 + (i % 60000)), ServerRig.Listening);
            _ = rig.Core.HandleClient(path, message, rig.Now);
            while (rig.Core.TryGetTransmit(reply, out _))
                answered++;
        }

        return answered;
    }

    private static void Drain(ServerRig rig, byte[] reply)
    {
        bool more = true;
        while (more)
        {
            while (rig.Core.TryGetTransmit(reply, out TurnServerTransmit transmit))
            {
                if (!StunMessage.TryParse(reply.AsSpan(0, transmit.Length), out _, out StunParseError error))
                    Assert.Fail($"The server sent what is no message: {error}");
            }

            more = rig.Core.TryGetEvent(out TurnServerEvent? value);
            if (value is TurnServerEvent.OpenRelay open)
                rig.Core.HandleRelayOpened(open.Relay, rig.Now);
            else if (value is TurnServerEvent.ConnectPeer connect)
                rig.Core.HandlePeerConnected(connect.Connection, rig.Now);
        }
    }

    // One of everything that a client says, on the path on which the mutations come too.
    private static List<byte[]> Corpus(ServerRig rig)
    {
        var corpus = new List<byte[]>();
        RigClient udp = rig.Client();
        RigClient tcp = rig.Client(stream: true);
        void Keep(RigClient client, StunMethod method, Attributes? attributes)
        {
            _ = client.Ask(method, attributes);
            corpus.Add(client.Last);
        }

        Keep(udp, StunMethod.Allocate, RigClient.Allocation((ref w) => { w.AddEvenPort(true); w.AddMobilityTicket([]); w.AddUInt32(StunAttributeType.Lifetime, 3000); }));
        Keep(udp, StunMethod.CreatePermission, RigClient.PeerIs(ServerRig.Peer, ServerRig.OtherPeer));
        Keep(udp, StunMethod.ChannelBind, RigClient.ChannelIs(0x4000, ServerRig.Peer));
        Keep(udp, StunMethod.Refresh, (ref w) => w.AddUInt32(StunAttributeType.Lifetime, 1000));
        Keep(udp, StunMethod.Refresh, (ref w) => w.AddMobilityTicket(new byte[40]));
        _ = udp.Write(StunMethod.Binding, (ref w) => { w.AddUInt32(StunAttributeType.ChangeRequest, 6); w.Add(StunAttributeType.Padding, new byte[40]); });
        corpus.Add(udp.Last);
        Keep(tcp, StunMethod.Allocate, RigClient.Allocation(transport: TurnTransport.Tcp));
        Keep(tcp, StunMethod.Connect, RigClient.PeerIs(ServerRig.Peer));
        Keep(rig.Client(port: 5001, stream: true), StunMethod.ConnectionBind, (ref w) => w.AddConnectionId(1));
        Keep(rig.Client(port: 5002), StunMethod.Allocate, RigClient.Allocation((ref w) => w.AddAdditionalAddressFamily(TurnAddressFamily.IPv6)));
        Keep(rig.Client(port: 5001), StunMethod.Allocate, RigClient.Allocation((ref w) => w.AddAccessToken(new byte[60])));
        _ = udp.SendTo(ServerRig.Peer, "some data"u8, dontFragment: true);
        corpus.Add(udp.Last);
        _ = udp.SendOn(0x4000, "some data"u8);
        corpus.Add(udp.Last);
        return corpus;
    }

    private static int Mutate(byte[] original, Random random, byte[] buffer)
    {
        original.CopyTo(buffer, 0);
        int length = original.Length;
        int times = random.Next(4);
        for (int i = 0; i < times && length > 0; i++)
        {
            switch (random.Next(6))
            {
                case 0:
                    buffer[random.Next(length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    buffer[random.Next(length)] = (byte)random.Next(256);
                    break;
                case 2:
                    length = random.Next(length + 1);
                    break;
                case 3:
                    // Another attribute where one stood, of the same length.
                    if (length > 24)
                        buffer[20 + random.Next((length - 20) / 4) * 4 + 1] = (byte)random.Next(0x40);
                    break;
                case 4:
                    int extra = random.Next(40);
                    random.NextBytes(buffer.AsSpan(length, extra));
                    length += extra;
                    break;
                default:
                    buffer[1] = (byte)random.Next(0x20);
                    break;
            }
        }

        return length;
    }
}
