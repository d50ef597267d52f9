using System.Text;
using Stun;

namespace Turn.Tests.Client;

/// <summary>The client and the server of this library, machine against machine, in virtual time over a link that may lose datagrams.</summary>
internal sealed class ClientAndServerTests
{
    private static readonly TransportAddress s_peer = TransportAddress.Parse("203.0.113.7", 7000);

    [TestCase(false)]
    [TestCase(true)]
    public void Data_goes_both_ways_for_hours(bool anonymous)
    {
        var pair = new Pair(server => server with { UsernameAnonymity = anonymous });
        pair.Do(client => client.Allocate(pair.Now));
        pair.Do(client => client.BindChannel(s_peer, pair.Now));

        for (int minute = 0; minute < 180; minute++)
        {
            pair.Pass(TimeSpan.FromMinutes(1));
            Assert.That(pair.Exchange(s_peer, $"minute {minute}"), Is.EqualTo($"minute {minute}"));
        }

        Assert.That(pair.Server.AllocationCount, Is.EqualTo(1));
        Assert.That(pair.Events.OfType<TurnClientEvent.Lost>(), Is.Empty);
        pair.Do(client => client.Close(pair.Now));
        Assert.That(pair.Client.State, Is.EqualTo(TurnClientState.Closed));
        Assert.That(pair.Server.AllocationCount, Is.Zero);
    }

    [TestCase(1UL)]
    [TestCase(2UL)]
    [TestCase(3UL)]
    [TestCase(4UL)]
    public void A_link_that_loses_every_fifth_datagram_does_no_lasting_harm(ulong seed)
    {
        var pair = new Pair { Loss = 0.2, LossSeed = new SeededEntropy(seed) };
        pair.Do(client => client.Allocate(pair.Now));
        pair.Pass(TimeSpan.FromMinutes(1));
        pair.Do(client => client.BindChannel(s_peer, pair.Now));
        pair.Do(client => client.CreatePermission([TransportAddress.Parse("203.0.113.8", 1)], pair.Now));

        pair.Pass(TimeSpan.FromHours(6));

        pair.Loss = 0;
        Assert.That(pair.Client.TryGetChannel(s_peer, out _), Is.True);
        Assert.That(pair.Exchange(s_peer, "still here"), Is.EqualTo("still here"));
        Assert.That(pair.Events.OfType<TurnClientEvent.Allocated>().Count(), Is.EqualTo(1));
    }

    [Test]
    public void The_allocation_moves_to_a_new_address()
    {
        var pair = new Pair(null, static client => client with { Mobility = true });
        pair.Do(client => client.Allocate(pair.Now));
        pair.Do(client => client.BindChannel(s_peer, pair.Now));
        TransportAddress relayed = pair.Client.RelayedIPv4;

        for (int move = 1; move <= 3; move++)
        {
            pair.Address = TransportAddress.Parse("198.51.100.2", 6000 + move);
            pair.Do(client => client.MoveTo(pair.Now));
            Assert.That(pair.Exchange(s_peer, $"move {move}"), Is.EqualTo($"move {move}"));
            pair.Pass(TimeSpan.FromMinutes(20));
        }

        Assert.That(pair.Client.RelayedIPv4, Is.EqualTo(relayed));
        Assert.That(pair.Events.OfType<TurnClientEvent.Moved>().Count(), Is.EqualTo(3));
        Assert.That(pair.Server.AllocationCount, Is.EqualTo(1));
    }

    [Test]
    public void An_access_token_opens_the_server()
    {
        byte[] key = [.. Enumerable.Range(0, 32).Select(static i => (byte)i)];
        byte[] macKey = [.. Enumerable.Range(0, 20).Select(static i => (byte)(i * 3))];
        var content = new OAuthTokenContent(macKey, DateTimeOffset.UnixEpoch.AddSeconds(1_000_000), TimeSpan.FromHours(1));
        byte[] token = new OAuthTokenCodec(key, "turn.example.org").Encode(content, new SeededEntropy(5));
        var pair = new Pair(
            server => server with { Users = null, Tokens = new TurnTokenAuthority("turn.example.org", [new("kid-1", key)]) },
            client => client with { Credential = null, AccessToken = new OAuthAccessToken("kid-1", token, macKey) });

        pair.Do(client => client.Allocate(pair.Now));
        pair.Do(client => client.CreatePermission([s_peer], pair.Now));

        Assert.That(pair.Exchange(s_peer, "hello"), Is.EqualTo("hello"));
        pair.Pass(TimeSpan.FromMinutes(30));
        Assert.That(pair.Exchange(s_peer, "hello"), Is.EqualTo("hello"));
    }

    [Test]
    public void A_time_limited_credential_opens_the_server()
    {
        RestCredential credential = RestCredential.Create("shared"u8, DateTimeOffset.UnixEpoch.AddSeconds(1_003_600), "carol");
        var pair = new Pair(null, client => client with { Credential = credential.ToLongTermCredential() });

        pair.Do(client => client.Allocate(pair.Now));

        Assert.That(pair.Client.State, Is.EqualTo(TurnClientState.Allocated));
    }

    [Test]
    public void A_restart_on_the_same_tuple_reclaims_what_the_former_run_left()
    {
        var pair = new Pair();
        pair.Do(client => client.Allocate(pair.Now));
        pair.Restart();

        pair.Do(client => client.Allocate(pair.Now));
        Assert.That(pair.Client.State, Is.EqualTo(TurnClientState.NeedsTuple));
        pair.Do(client => client.Reclaim(pair.Now));

        Assert.That(pair.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(pair.Server.AllocationCount, Is.EqualTo(1));
    }

    private sealed class Pair
    {
        private static readonly TransportAddress s_listening = TransportAddress.Parse("192.0.2.1", 3478);

        private readonly TurnClientOptions _options;
        private readonly byte[] _buffer = new byte[TurnServerCore.MaxReplyLength];
        private string _heard = "";

        public Pair(Func<TurnServerCoreOptions, TurnServerCoreOptions>? server = null, Func<TurnClientOptions, TurnClientOptions>? client = null)
        {
            var options = new TurnServerCoreOptions
            {
                RelayIPv4 = TransportAddress.Parse("192.0.2.15", 0),
                OwnAddresses = [s_listening],
                Users = new TurnUsers("example.org", [new("alice", "secret")], "shared"u8),
                TimeOrigin = DateTimeOffset.UnixEpoch.AddSeconds(1_000_000),
            };
            Server = new TurnServerCore(server?.Invoke(options) ?? options, new SeededEntropy(1));
            _options = new TurnClientOptions { Server = s_listening, Credential = new LongTermCredential("alice", "secret"), Software = "test client" };
            _options = client?.Invoke(_options) ?? _options;
            Client = new TurnClient(_options, new SeededEntropy(2), Now);
        }

        public TurnClient Client { get; private set; }

        public TurnServerCore Server { get; }

        public Instant Now { get; private set; } = Instant.Zero;

        public TransportAddress Address { get; set; } = TransportAddress.Parse("198.51.100.1", 5000);

        public double Loss { get; set; }

        public EntropySource LossSeed { get; init; } = new SeededEntropy(9);

        public List<TurnClientEvent> Events { get; } = [];

        private RelayId Relay { get; set; }

        private FiveTuple Path => new(StunTransport.Udp, Address, s_listening);

        public void Restart() => Client = new TurnClient(_options, new SeededEntropy(3), Now);

        public void Do(Action<TurnClient> action)
        {
            action(Client);
            Drain();
        }

        public void Pass(TimeSpan duration)
        {
            Instant end = Now + duration;
            while (Instant.Min(Client.NextTimeout, Server.NextTimeout) <= end)
            {
                Now = Instant.Max(Now, Instant.Min(Client.NextTimeout, Server.NextTimeout));
                Server.HandleTimeout(Now);
                Do(client => client.HandleTimeout(Now));
            }

            Now = end;
        }

        /// <summary>Sends text to a peer, which sends it back.</summary>
        /// <returns>What the client hears.</returns>
        public string Exchange(TransportAddress peer, string text)
        {
            byte[] message = new byte[1500];
            int length = Client.EncodeData(peer, Encoding.ASCII.GetBytes(text), message);
            TurnForward toPeer = Server.HandleClient(Path, message.AsSpan(0, length), Now);
            Assert.That(toPeer.Kind, Is.EqualTo(TurnForwardKind.ToPeer));
            Assert.That(toPeer.Peer, Is.EqualTo(peer));
            byte[] back = new byte[TurnServerDefaults.Headroom + toPeer.Length + TurnServerDefaults.Tailroom];
            message.AsSpan(toPeer.Offset, toPeer.Length).CopyTo(back.AsSpan(TurnServerDefaults.Headroom));
            TurnForward toClient = Server.HandlePeer(Relay, peer, back, TurnServerDefaults.Headroom, toPeer.Length, Now);
            Assert.That(toClient.Kind, Is.EqualTo(TurnForwardKind.ToClient));
            Assert.That(toClient.Path, Is.EqualTo(Path));
            Receive(back.AsSpan(toClient.Offset, toClient.Length));
            return _heard;
        }

        private void Receive(ReadOnlySpan<byte> message)
        {
            if (Client.HandleDatagram(message, Now, out TurnPayload payload) == TurnInput.Data)
                _heard = Encoding.ASCII.GetString(message.Slice(payload.Offset, payload.Length));
        }

        private bool IsLost() => Loss > 0 && LossSeed.NextDouble() < Loss;

        private void Drain()
        {
            bool busy = true;
            while (busy)
            {
                busy = false;
                while (Client.TryGetEvent(out TurnClientEvent? value))
                    Events.Add(value);
                while (Client.TryGetTransmit(_buffer, out int length))
                {
                    busy = true;
                    if (!IsLost())
                        _ = Server.HandleClient(Path, _buffer.AsSpan(0, length), Now);
                }

                while (Server.TryGetEvent(out TurnServerEvent? value))
                {
                    busy = true;
                    if (value is not TurnServerEvent.OpenRelay open)
                        continue;
                    Relay = open.Relay;
                    Server.HandleRelayOpened(open.Relay, Now);
                }

                while (Server.TryGetTransmit(_buffer, out TurnServerTransmit reply))
                {
                    busy = true;
                    if (reply.Path == Path && !IsLost())
                        Receive(_buffer.AsSpan(0, reply.Length));
                }
            }
        }
    }
}
