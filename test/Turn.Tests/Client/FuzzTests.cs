using Stun;
using static Turn.Tests.Client.ClientHarness;

namespace Turn.Tests.Client;

/// <summary>Whatever the bytes: no exception, bounded memory, and everything refused is counted. The seed is in the test's name.</summary>
internal sealed class FuzzTests
{
    private const int Mutations = 125_000;

    private static readonly int[] s_codes = [300, 399, 400, 401, 403, 405, 420, 437, 438, 441, 443, 446, 447, 486, 500, 508, 699];

    private static readonly StunAttributeType[] s_types =
    [
        StunAttributeType.Lifetime, StunAttributeType.XorRelayedAddress, StunAttributeType.XorMappedAddress, StunAttributeType.XorPeerAddress,
        StunAttributeType.MobilityTicket, StunAttributeType.ReservationToken, StunAttributeType.AddressErrorCode, StunAttributeType.ConnectionId,
        StunAttributeType.ErrorCode, StunAttributeType.UnknownAttributes, StunAttributeType.AlternateServer, StunAttributeType.AlternateDomain,
        StunAttributeType.Nonce, StunAttributeType.Realm, StunAttributeType.PasswordAlgorithms, StunAttributeType.ThirdPartyAuthorization,
        StunAttributeType.Software, StunAttributeType.Icmp, StunAttributeType.Data, StunAttributeType.ChannelNumber, StunAttributeType.UserHash,
    ];

    [TestCase(1UL, false)]
    [TestCase(2UL, false)]
    [TestCase(3UL, true)]
    [TestCase(4UL, true)]
    public void Mutated_messages_do_no_harm(ulong seed, bool modern)
    {
        var random = new SeededEntropy(seed);
        ClientHarness harness = Fresh(modern);
        List<byte[]> corpus = Corpus(harness);
        byte[] scratch = new byte[4096];
        byte[] output = new byte[1280];
        for (int i = 0; i < Mutations; i++)
        {
            if (i % 500 == 0)
            {
                harness = Fresh(modern);
                corpus = Corpus(harness);
            }

            byte[] original = corpus[(int)(random.NextUInt64() % (ulong)corpus.Count)];
            int length = Mutate(original, scratch, random);
            TurnInput result = harness.Client.HandleDatagram(scratch.AsSpan(0, length), harness.Now, out TurnPayload payload);
            if (result == TurnInput.Data && (payload.Offset + payload.Length > length || payload.Peer.IsNone))
                Assert.Fail($"seed {seed}, mutation {i}: {payload} of {length} bytes");
            // The answers of the client are thrown away, so that its requests stay open and its corpus stays apt.
            while (harness.Client.TryGetTransmit(output, out _))
            {
            }

            int events = 0;
            while (harness.Client.TryGetEvent(out _))
                events++;
            if (events > 300)
                Assert.Fail($"seed {seed}, mutation {i}: {events} events");
        }

        harness.Pass(TimeSpan.FromMinutes(30));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.Malformed), Is.GreaterThan(0));
    }

    [TestCase(6UL, false)]
    [TestCase(7UL, true)]
    public void Signed_nonsense_of_the_server_itself_does_no_harm(ulong seed, bool modern)
    {
        var random = new SeededEntropy(seed);
        ClientHarness harness = Fresh(modern);
        int lost = 0;
        for (int i = 0; i < 20_000; i++)
        {
            if (harness.Sent.Count == 0 || harness.Client.State != TurnClientState.Allocated || i % 8 == 0)
            {
                lost += harness.Client.State == TurnClientState.Failed ? 1 : 0;
                harness = Fresh(modern);
            }

            SentRequest request = harness.Sent[(int)(random.NextUInt64() % (ulong)harness.Sent.Count)];
            var box = new WriterBox(request, (random.NextUInt64() & 1) == 0 ? StunClass.SuccessResponse : StunClass.ErrorResponse);
            for (ulong attributes = random.NextUInt64() % 6; attributes > 0; attributes--)
            {
                byte[] value = new byte[random.NextUInt64() % 24];
                random.Fill(value);
                box.Add(s_types[(int)(random.NextUInt64() % (ulong)s_types.Length)], value);
            }

            int code = s_codes[(int)(random.NextUInt64() % (ulong)s_codes.Length)];
            if ((random.NextUInt64() & 3) != 0)
                box.Add(StunAttributeType.ErrorCode, [0, 0, (byte)(code / 100), (byte)(code % 100)]);
            harness.Receive(harness.Server.Finish(box));
        }

        Assert.That(lost, Is.GreaterThan(0), $"seed {seed}: nothing went deep");
    }

    [TestCase(5UL)]
    public void Mutated_streams_do_a_data_connection_no_harm(ulong seed)
    {
        var random = new SeededEntropy(seed);
        ClientHarness harness = WithAllocation(static options => options with { Transport = TurnTransport.Tcp, Reliable = true });
        byte[] scratch = new byte[4096];
        byte[] output = new byte[1280];
        int bound = 0;
        for (int i = 0; i < 50_000; i++)
        {
            TcpDataConnection connection = harness.Client.CreateDataConnection(7, harness.Now);
            _ = connection.TryGetTransmit(output, out int sent);
            var request = new SentRequest(output[..sent], harness.Now);
            byte[] answer = (i % 3) switch
            {
                0 => harness.Server.Success(request),
                1 => harness.Server.Error(request, 400),
                _ => ScriptedServer.Data(Peer, new byte[50]),
            };
            int length = Mutate(answer, scratch, random);
            int half = length / 2;
            int consumed = connection.HandleReceived(scratch.AsSpan(0, half));
            consumed += connection.HandleReceived(scratch.AsSpan(consumed, length - consumed));
            if (consumed > length)
                Assert.Fail($"seed {seed}, mutation {i}: {consumed} of {length} bytes");
            if (connection.State == TcpDataConnectionState.Bound)
                bound++;
        }

        Assert.That(bound, Is.LessThan(25_000));
    }

    // A client with an allocation, a permission, a channel, and one of each request open.
    private static ClientHarness Fresh(bool modern)
    {
        ClientHarness harness = WithAllocation(
            static options => options with { Mobility = true, RelayFamily = TurnRelayFamily.Both, MaxPermissions = 50, MaxChannels = 20 },
            server =>
            {
                server.Features = modern ? StunSecurityFeatures.PasswordAlgorithms | StunSecurityFeatures.UsernameAnonymity : StunSecurityFeatures.None;
                server.Ticket = [1, 2, 3, 4];
                server.Relayed = [ScriptedServer.Relayed4, ScriptedServer.Relayed6];
            });
        harness.Permit(Peer);
        harness.Bind(Peer);
        harness.PassTo(539);
        harness.Sent.Clear();
        harness.Connected = false;
        harness.Bind(OtherPeer);
        harness.Permit(TransportAddress.Parse("192.0.2.99", 1), PeerV6);
        harness.PassTo(540);
        return harness;
    }

    private static List<byte[]> Corpus(ClientHarness harness)
    {
        List<byte[]> corpus =
        [
            ScriptedServer.Data(Peer, "hello"u8),
            ScriptedServer.Data(PeerV6, new byte[100]),
            [0x40, 0, 0, 5, 1, 2, 3, 4, 5],
            [0x40, 1, 0, 0],
        ];
        foreach (SentRequest request in harness.Sent)
        {
            corpus.Add(harness.Server.Success(request));
            corpus.Add(harness.Server.Success(request, static box => box.AddUInt32(StunAttributeType.Lifetime, 600)));
            foreach (int code in new[] { 300, 400, 403, 405, 420, 437, 441, 443, 486, 500, 508 })
                corpus.Add(harness.Server.Error(request, code, static box => box.Add(StunAttributeType.UnknownAttributes, [0, 0x1A])));
            corpus.Add(harness.Server.Challenge(request, StunErrorCode.Unauthenticated));
            corpus.Add(harness.Server.Challenge(request, StunErrorCode.StaleNonce, static box => box.AddText(StunAttributeType.ThirdPartyAuthorization, "name")));
        }

        return corpus;
    }

    private static int Mutate(byte[] original, byte[] scratch, SeededEntropy random)
    {
        original.CopyTo(scratch, 0);
        int length = original.Length;
        int changes = (int)(random.NextUInt64() % 6);
        for (int i = 0; i < changes; i++)
        {
            ulong choice = random.NextUInt64();
            int at = length == 0 ? 0 : (int)((choice >> 8) % (ulong)length);
            switch (choice % 6)
            {
                case 0:
                    scratch[at] ^= (byte)(1 << (int)((choice >> 40) & 7));
                    break;
                case 1:
                    scratch[at] = (byte)(choice >> 40);
                    break;
                case 2:
                    length = at;
                    break;
                case 3:
                    length = Math.Min(scratch.Length, length + (int)((choice >> 40) & 15));
                    break;
                case 4 when length >= 4:
                    // A length that fits again: deeper code is reached.
                    scratch[2] = (byte)((length - 20) >> 8);
                    scratch[3] = (byte)(length - 20);
                    break;
                default:
                    scratch[at] = (choice & (1UL << 60)) != 0 ? (byte)0xFF : (byte)0;
                    break;
            }
        }

        return length;
    }
}
