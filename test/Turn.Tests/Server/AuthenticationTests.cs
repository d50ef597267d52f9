using Ice.Testing;
using Stun;

namespace Turn.Tests.Server;

[TestFixture]
internal sealed class AuthenticationTests
{
    [Test]
    [Rfc(8489, "9.2.4")]
    public void The_first_request_is_challenged_with_realm_nonce_and_algorithms()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        client.Write(StunMethod.Allocate, RigClient.Allocation());
        _ = rig.Send(client.Path, client.Last);
        byte[]? reply = rig.TakeReply();
        StunMessage message = Reply.Read(reply);
        Assert.That(Reply.Code(reply), Is.EqualTo(401));
        Assert.That(message.TryGetText(StunAttributeType.Realm, out string realm), Is.True);
        Assert.That(realm, Is.EqualTo("example.org"));
        Assert.That(message.TryGet(StunAttributeType.Nonce, out ReadOnlySpan<byte> nonce), Is.True);
        Assert.That(NonceCookie.TryRead(nonce, out StunSecurityFeatures features), Is.True);
        Assert.That(features, Is.EqualTo(StunSecurityFeatures.PasswordAlgorithms));
        Assert.That(nonce.Length, Is.LessThan(128));
        Assert.That(message.TryGet(StunAttributeType.PasswordAlgorithms, out ReadOnlySpan<byte> algorithms), Is.True);
        Assert.That(PasswordAlgorithmList.TryGetFirstSupported(algorithms, out PasswordAlgorithm first) && first == PasswordAlgorithm.Sha256, Is.True);
        Assert.That(message.HasMessageIntegrity || message.HasMessageIntegritySha256, Is.False);
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }

    [Test]
    [Rfc(8489, "9.2.4")]
    public void Clients_of_RFC_8489_are_answered_with_SHA256_and_those_of_RFC_5389_with_SHA1()
    {
        var rig = new ServerRig();
        Assert.That(Reply.Read(rig.Client().Allocate()).HasMessageIntegritySha256, Is.True);
        byte[]? reply = Legacy(rig, "alice", "secret", Challenge(rig));
        Assert.That(Reply.Code(reply), Is.Zero);
        Assert.That(Reply.Read(reply).VerifyMessageIntegrity(LongTermCredential.DeriveKey("alice", "example.org", "secret", PasswordAlgorithm.Md5)), Is.True);
        Assert.That(Reply.Read(reply).HasMessageIntegritySha256, Is.False);
    }

    [Test]
    [Rfc(8489, "9.2.4")]
    public void A_wrong_password_and_an_unknown_user_are_401()
    {
        var rig = new ServerRig();
        Assert.That(rig.Client(password: "wrong").Code(StunMethod.Allocate, RigClient.Allocation()), Is.EqualTo(401));
        Assert.That(rig.Client(user: "mallory").Code(StunMethod.Allocate, RigClient.Allocation()), Is.EqualTo(401));
        Assert.That(rig.Core.Counters.GetErrors(401), Is.EqualTo(4));
        Assert.That(rig.Core.EntryCount, Is.Zero);
        Assert.That(rig.Events, Is.Empty);
    }

    [Test]
    [Rfc(8489, "9.2.4")]
    public void A_request_with_integrity_and_without_its_attributes_is_400()
    {
        var rig = new ServerRig();
        byte[] buffer = new byte[200];
        var writer = new StunWriter(buffer, StunMethod.Allocate, StunClass.Request, TransactionId.Create(rig.Entropy));
        writer.AddRequestedTransport(TurnTransport.Udp);
        writer.AddMessageIntegrity("key"u8);
        _ = rig.Send(ServerRig.Path(), writer.Written);
        Assert.That(Reply.Code(rig.TakeReply()), Is.EqualTo(400));
    }

    [Test]
    [Rfc(8489, "9.2.4")]
    [Rfc(8656, "5")]
    public void A_nonce_is_good_for_an_hour_and_for_its_address_alone()
    {
        var rig = new ServerRig();
        byte[] nonce = Challenge(rig);
        rig.Advance(3599.999);
        Assert.That(Reply.Code(Legacy(rig, "alice", "secret", nonce)), Is.Zero);
        rig.Advance(0.001);
        byte[]? stale = Legacy(rig, "alice", "secret", nonce);
        Assert.That(Reply.Code(stale), Is.EqualTo(438));
        Assert.That(Reply.Read(stale).TryGet(StunAttributeType.Nonce, out ReadOnlySpan<byte> fresh), Is.True);
        Assert.That(fresh.SequenceEqual(nonce), Is.False);
        Assert.That(Reply.Code(Legacy(rig, "alice", "secret", fresh.ToArray(), ServerRig.Path(port: 2))), Is.EqualTo(438), "another port");
        Assert.That(Reply.Code(Legacy(rig, "alice", "secret", fresh.ToArray(), ServerRig.Path("198.51.100.2"))), Is.EqualTo(438), "another address");
        Assert.That(Reply.Code(Legacy(new ServerRig(seed: 2), "alice", "secret", fresh.ToArray())), Is.EqualTo(438), "another server's key");
    }

    [Test]
    [Rfc(8489, "9.2.5")]
    public void A_client_goes_on_after_a_stale_nonce_by_itself()
    {
        var rig = new ServerRig(o => o with { NonceLifetime = TimeSpan.FromSeconds(10) });
        RigClient client = rig.Client();
        _ = client.Allocate();
        for (int i = 0; i < 5; i++)
        {
            rig.Advance(11);
            _ = client.Get(StunMethod.Refresh);
        }

        Assert.That(rig.Core.Counters.GetErrors(438), Is.EqualTo(5));
    }

    [Test]
    [Rfc(8489, "9.2.4")]
    public void Usernames_can_be_kept_from_the_wire()
    {
        var rig = new ServerRig(o => o with { UsernameAnonymity = true });
        RigClient client = rig.Client();
        _ = client.Allocate();
        Assert.That(StunMessage.TryParse(client.Last, out StunMessage sent, out _), Is.True);
        Assert.That((sent.Has(StunAttributeType.UserHash), sent.Has(StunAttributeType.Username)), Is.EqualTo((true, false)));
        Assert.That(rig.Only<TurnServerEvent.AllocationCreated>().User, Is.EqualTo("alice"));
    }

    [Test]
    public void Time_limited_credentials_allocate_until_they_expire_and_refresh_beyond()
    {
        var rig = new ServerRig();
        // The rig's clock stands 100 s after its origin.
        RestCredential credential = RestCredential.Create("shared"u8, DateTimeOffset.UnixEpoch.AddSeconds(1_000_000 + 200), "carol");
        RigClient client = rig.Client(user: credential.Username, password: credential.Password);
        _ = client.Allocate();
        Assert.That(rig.Only<TurnServerEvent.AllocationCreated>().User, Is.EqualTo("1000200:carol"));
        Assert.That(rig.Client(port: 2, user: credential.Username, password: "guess").Code(StunMethod.Allocate, RigClient.Allocation()), Is.EqualTo(401));
        rig.Advance(99.999);
        _ = rig.Client(port: 3, user: credential.Username, password: credential.Password).Allocate();
        rig.Advance(0.001);
        Assert.That(rig.Client(port: 4, user: credential.Username, password: credential.Password).Code(StunMethod.Allocate, RigClient.Allocation()), Is.EqualTo(401));
        _ = client.Get(StunMethod.Refresh);
        client.Permit(ServerRig.Peer);
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void A_server_can_serve_everybody()
    {
        var rig = new ServerRig(o => o with { Users = null, AllowAnonymous = true });
        RigClient client = rig.Client();
        byte[] reply = client.Allocate();
        Assert.That(Reply.Read(reply).HasMessageIntegrity || Reply.Read(reply).HasMessageIntegritySha256, Is.False);
        client.Permit(ServerRig.Peer);
        Assert.That(client.SendTo(ServerRig.Peer, "x"u8).Kind, Is.EqualTo(TurnForwardKind.ToPeer));
    }

    [Test]
    [Rfc(8489, "6.3.1")]
    public void Unknown_attributes_are_reported_after_authentication_only()
    {
        var rig = new ServerRig();
        Attributes unknown = RigClient.Allocation((ref w) => w.AddUInt32((StunAttributeType)0x7777, 0));
        byte[]? reply = rig.Client().Ask(StunMethod.Allocate, unknown);
        Assert.That(Reply.Code(reply), Is.EqualTo(420));
        Assert.That(Reply.Read(reply).HasMessageIntegritySha256, Is.True);
        Assert.That(rig.Client(password: "wrong").Code(StunMethod.Allocate, unknown), Is.EqualTo(401));
        Assert.That(rig.Client().Code(StunMethod.Allocate, RigClient.Allocation((ref w) => w.AddAccessToken([1]))), Is.EqualTo(420), "RFC 7635: no token was asked for");
    }

    [Test]
    public void A_fingerprint_is_mirrored()
    {
        var rig = new ServerRig();
        byte[] buffer = new byte[200];
        var writer = new StunWriter(buffer, StunMethod.Allocate, StunClass.Request, TransactionId.Create(rig.Entropy));
        writer.AddFingerprint();
        _ = rig.Send(ServerRig.Path(), writer.Written);
        Assert.That(Reply.Read(rig.TakeReply()).HasFingerprint, Is.True);
        buffer[^1] ^= 1;
        byte[] wrong = writer.Written.ToArray();
        wrong[^1] ^= 1;
        _ = rig.Send(ServerRig.Path(), wrong);
        Assert.That(rig.TakeReply(), Is.Null);
        Assert.That(rig.Core.Counters.GetDropped(TurnServerDrop.BadFingerprint), Is.EqualTo(1));
    }

    private static byte[] Challenge(ServerRig rig)
    {
        RigClient client = rig.Client();
        client.Write(StunMethod.Allocate);
        _ = rig.Send(client.Path, client.Last);
        Assert.That(Reply.Read(rig.TakeReply()).TryGet(StunAttributeType.Nonce, out ReadOnlySpan<byte> nonce), Is.True);
        return nonce.ToArray();
    }

    // As a client of RFC 5389 writes it: USERNAME, REALM, NONCE, MESSAGE-INTEGRITY with the MD5 key. Deletes what it made.
    private static byte[]? Legacy(ServerRig rig, string user, string password, byte[] nonce, FiveTuple? path = null)
    {
        FiveTuple from = path ?? ServerRig.Path();
        StunKey key = LongTermCredential.DeriveKey(user, "example.org", password, PasswordAlgorithm.Md5);
        byte[]? reply = null;
        foreach (StunMethod method in (StunMethod[])[StunMethod.Refresh, StunMethod.Allocate])
        {
            byte[] buffer = new byte[500];
            var writer = new StunWriter(buffer, method, StunClass.Request, TransactionId.Create(rig.Entropy));
            if (method == StunMethod.Allocate)
                writer.AddRequestedTransport(TurnTransport.Udp);
            else
                writer.AddLifetime(TimeSpan.Zero);
            writer.AddText(StunAttributeType.Username, user);
            writer.AddText(StunAttributeType.Realm, "example.org");
            writer.Add(StunAttributeType.Nonce, nonce);
            writer.AddMessageIntegrity(key);
            _ = rig.Send(from, writer.Written);
            reply = rig.TakeReply();
        }

        return reply;
    }
}
