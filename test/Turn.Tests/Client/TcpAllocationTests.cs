using Ice.Testing;
using Stun;
using static Turn.Tests.Client.ClientHarness;

namespace Turn.Tests.Client;

internal sealed class TcpAllocationTests
{
    [Test]
    [Rfc(6062, "4.1")]
    public void A_TCP_allocation_is_asked_for_by_its_protocol_number()
    {
        ClientHarness harness = new ClientHarness(Tcp).Allocate();

        Assert.That(harness.Of(StunMethod.Allocate)[^1].Value(StunAttributeType.RequestedTransport), Is.EqualTo(new byte[] { 6, 0, 0, 0 }));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
    }

    [Test]
    [Rfc(6062, "4.3")]
    public void The_server_connects_to_a_peer()
    {
        ClientHarness harness = WithAllocation(Tcp);

        harness.Do(client => client.Connect(Peer, harness.Now));

        SentRequest request = harness.Of(StunMethod.Connect).Single();
        Assert.That(request.Peers, Is.EqualTo(new[] { Peer }));
        Assert.That(request.IsSigned, Is.True);
        Assert.That(harness.Single<TurnClientEvent.PeerConnected>(), Is.EqualTo(new TurnClientEvent.PeerConnected(Peer, 77)));
    }

    [Test]
    [Rfc(6062, "4.3")]
    public void After_447_the_same_peer_waits_ten_seconds_and_another_does_not()
    {
        ClientHarness harness = WithAllocation(Tcp);
        harness.Server.Next(StunMethod.Connect, request => harness.Server.Error(request, StunErrorCode.ConnectionTimeoutOrFailure));
        harness.Do(client => client.Connect(Peer, harness.Now));
        Assert.That(harness.Single<TurnClientEvent.PeerConnectFailed>().Code, Is.EqualTo(447));

        harness.Pass(Seconds(1));
        harness.Do(client => client.Connect(Peer, harness.Now));
        harness.Do(client => client.Connect(OtherPeer, harness.Now));
        harness.Pass(Seconds(20));

        Assert.That(harness.Of(StunMethod.Connect).Select(static request => (request.Time.TotalSeconds, request.Peers[0])), Is.EqualTo(new[] { (0.0, Peer), (1.0, OtherPeer), (10.0, Peer) }));
    }

    [TestCase(StunErrorCode.ConnectionAlreadyExists)]
    [TestCase(StunErrorCode.Forbidden)]
    public void Another_refusal_is_told_and_may_be_tried_again_at_once(int code)
    {
        ClientHarness harness = WithAllocation(Tcp);
        harness.Server.Next(StunMethod.Connect, request => harness.Server.Error(request, code));
        harness.Do(client => client.Connect(Peer, harness.Now));
        Assert.That(harness.Single<TurnClientEvent.PeerConnectFailed>().Code, Is.EqualTo(code));

        harness.Do(client => client.Connect(Peer, harness.Now));

        harness.Single<TurnClientEvent.PeerConnected>();
    }

    [Test]
    [Rfc(6062, "4.3")]
    public void Two_requests_for_one_peer_are_never_under_way_together()
    {
        ClientHarness harness = WithAllocation(Tcp);
        harness.Connected = false;

        harness.Do(client => client.Connect(Peer, harness.Now));
        harness.Do(client => client.Connect(Peer, harness.Now));
        harness.Do(client => client.Connect(OtherPeer, harness.Now));

        Assert.That(harness.Of(StunMethod.Connect).Select(static request => request.Peers[0]), Is.EqualTo(new[] { Peer, OtherPeer }));
    }

    [Test]
    public void A_connection_without_an_id_is_a_failure()
    {
        ClientHarness harness = WithAllocation(Tcp);
        harness.Server.Next(StunMethod.Connect, request => harness.Server.Success(request, static box => box.Remove(StunAttributeType.ConnectionId)));

        harness.Do(client => client.Connect(Peer, harness.Now));

        Assert.That(harness.Single<TurnClientEvent.PeerConnectFailed>().Failure, Is.EqualTo(TurnFailure.BadResponse));
    }

    [Test]
    [Rfc(6062, "4.4")]
    public void A_peer_with_permission_that_connects_is_told()
    {
        ClientHarness harness = WithAllocation(Tcp);
        harness.Permit(Peer);

        Assert.That(harness.Receive(Attempt(Peer, 9)), Is.EqualTo(TurnInput.Handled));
        Assert.That(harness.Receive(Attempt(OtherPeer, 10)), Is.EqualTo(TurnInput.Dropped));
        Assert.That(harness.Receive(Attempt(Peer, null)), Is.EqualTo(TurnInput.Dropped));

        Assert.That(harness.Single<TurnClientEvent.ConnectionAttempt>(), Is.EqualTo(new TurnClientEvent.ConnectionAttempt(Peer, 9)));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.NoPermission), Is.EqualTo(1));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.NoData), Is.EqualTo(1));
    }

    [Test]
    [Rfc(6062, "4.3")]
    public void A_data_connection_is_bound_with_the_credentials_of_the_control_connection()
    {
        ClientHarness harness = WithAllocation(Tcp);
        TcpDataConnection connection = harness.Client.CreateDataConnection(77, harness.Now);
        SentRequest request = Take(connection, harness.Now);

        Assert.That(request.Method, Is.EqualTo(StunMethod.ConnectionBind));
        Assert.That(request.Value(StunAttributeType.ConnectionId), Is.EqualTo(new byte[] { 0, 0, 0, 77 }));
        byte[] answer = harness.Server.Answer(request)!;
        Assert.That(connection.HandleReceived(answer), Is.EqualTo(answer.Length));

        Assert.That(connection.State, Is.EqualTo(TcpDataConnectionState.Bound));
        Assert.That(connection.NextTimeout.IsNever, Is.True);
        Assert.That(connection.TryGetTransmit(new byte[1280], out _), Is.False);
    }

    [Test]
    [Rfc(6062, "5.4")]
    public void Data_that_arrives_with_the_response_is_kept()
    {
        ClientHarness harness = WithAllocation(Tcp);
        TcpDataConnection connection = harness.Client.CreateDataConnection(77, harness.Now);
        byte[] answer = harness.Server.Answer(Take(connection, harness.Now))!;
        byte[] stream = [.. answer, .. "early data"u8];

        int consumed = connection.HandleReceived(stream);

        Assert.That(connection.State, Is.EqualTo(TcpDataConnectionState.Bound));
        Assert.That(stream.AsSpan(consumed).SequenceEqual("early data"u8), Is.True);
        Assert.That(connection.HandleReceived("more"u8), Is.Zero, "what follows is the owner's");
    }

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(19)]
    public void The_response_may_come_in_pieces(int size)
    {
        ClientHarness harness = WithAllocation(Tcp);
        TcpDataConnection connection = harness.Client.CreateDataConnection(77, harness.Now);
        byte[] answer = harness.Server.Answer(Take(connection, harness.Now))!;
        byte[] stream = [.. answer, .. "early data"u8];

        int consumed = 0;
        for (int offset = 0; offset < stream.Length && connection.State == TcpDataConnectionState.Binding; offset += size)
            consumed += connection.HandleReceived(stream.AsSpan(offset, Math.Min(size, stream.Length - offset)));

        Assert.That(connection.State, Is.EqualTo(TcpDataConnectionState.Bound));
        Assert.That(consumed, Is.EqualTo(answer.Length));
    }

    [Test]
    public void A_new_nonce_is_answered_on_the_same_connection()
    {
        ClientHarness harness = WithAllocation(Tcp);
        TcpDataConnection connection = harness.Client.CreateDataConnection(77, harness.Now);
        harness.Server.Nonce = "another";
        SentRequest first = Take(connection, harness.Now);
        connection.HandleReceived(harness.Server.Answer(first));

        SentRequest second = Take(connection, harness.Now);
        Assert.That(second.Nonce, Is.EqualTo("another"));
        Assert.That(second.Id, Is.Not.EqualTo(first.Id));
        connection.HandleReceived(harness.Server.Answer(second));

        Assert.That(connection.State, Is.EqualTo(TcpDataConnectionState.Bound));
    }

    [Test]
    public void A_binding_that_is_refused_or_forged_or_not_answered_fails()
    {
        ClientHarness harness = WithAllocation(Tcp);
        TcpDataConnection refused = harness.Client.CreateDataConnection(1, harness.Now);
        refused.HandleReceived(harness.Server.Error(Take(refused, harness.Now), StunErrorCode.BadRequest));
        Assert.That((refused.State, refused.Failure, refused.Code), Is.EqualTo((TcpDataConnectionState.Failed, TurnFailure.Refused, 400)));

        TcpDataConnection forged = harness.Client.CreateDataConnection(2, harness.Now);
        forged.HandleReceived(harness.Server.Success(Take(forged, harness.Now), signed: false));
        Assert.That((forged.State, forged.Failure), Is.EqualTo((TcpDataConnectionState.Failed, TurnFailure.IntegrityViolated)));

        TcpDataConnection silent = harness.Client.CreateDataConnection(3, harness.Now);
        silent.HandleTimeout(harness.Now + Seconds(39));
        Assert.That(silent.State, Is.EqualTo(TcpDataConnectionState.Binding));
        silent.HandleTimeout(silent.NextTimeout);
        Assert.That((silent.State, silent.Failure), Is.EqualTo((TcpDataConnectionState.Failed, TurnFailure.Timeout)));

        TcpDataConnection nonsense = harness.Client.CreateDataConnection(4, harness.Now);
        nonsense.HandleReceived("HTTP/1.1 400 Bad Request"u8);
        Assert.That((nonsense.State, nonsense.Failure), Is.EqualTo((TcpDataConnectionState.Failed, TurnFailure.BadResponse)));

        TcpDataConnection endless = harness.Client.CreateDataConnection(5, harness.Now);
        endless.HandleReceived([1, 0x0B, 0xFF, 0xFC]);
        Assert.That((endless.State, endless.Failure), Is.EqualTo((TcpDataConnectionState.Failed, TurnFailure.BadResponse)));
    }

    [Test]
    public void A_message_that_is_not_the_response_is_passed_over()
    {
        ClientHarness harness = WithAllocation(Tcp);
        TcpDataConnection connection = harness.Client.CreateDataConnection(77, harness.Now);
        SentRequest request = Take(connection, harness.Now);

        connection.HandleReceived([.. Attempt(Peer, 1), .. harness.Server.Answer(request)!]);

        Assert.That(connection.State, Is.EqualTo(TcpDataConnectionState.Bound));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.UnknownTransaction), Is.EqualTo(1));
    }

    [Test]
    public void Wrong_use_is_refused_at_once()
    {
        ClientHarness udp = WithAllocation();
        Assert.That(() => udp.Client.Connect(Peer, udp.Now), Throws.InvalidOperationException);
        Assert.That(() => udp.Client.CreateDataConnection(1, udp.Now), Throws.InvalidOperationException);

        ClientHarness tcp = WithAllocation(Tcp);
        tcp.Permit(Peer);
        Assert.That(() => tcp.Client.BindChannel(Peer, tcp.Now), Throws.InvalidOperationException);
        Assert.That(tcp.Encode(Peer, "x"), Is.Empty);
        Assert.That(() => new ClientHarness(Tcp).Client.CreateDataConnection(1, Instant.Zero), Throws.InvalidOperationException);
    }

    [Test]
    [Rfc(6062, "4.6")]
    public void The_allocation_is_refreshed_as_any()
    {
        ClientHarness harness = WithAllocation(Tcp);

        harness.PassTo(541);

        Assert.That(harness.TimesOf(StunMethod.Refresh), Is.EqualTo(new[] { 540.0 }));
    }

    private static TurnClientOptions Tcp(TurnClientOptions options) => options with { Transport = TurnTransport.Tcp, Reliable = true };

    private static SentRequest Take(TcpDataConnection connection, Instant now)
    {
        byte[] buffer = new byte[1280];
        Assert.That(connection.TryGetTransmit(buffer, out int length), Is.True);
        return new SentRequest(buffer[..length], now);
    }

    private static byte[] Attempt(TransportAddress peer, uint? connectionId)
    {
        byte[] buffer = new byte[100];
        var writer = new StunWriter(buffer, StunMethod.ConnectionAttempt, StunClass.Indication, default);
        writer.AddPeer(peer);
        if (connectionId is { } id)
            writer.AddConnectionId(id);
        return writer.Written.ToArray();
    }
}
