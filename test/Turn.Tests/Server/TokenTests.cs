using Ice.Testing;
using Stun;

namespace Turn.Tests.Server;

[TestFixture]
internal sealed class TokenTests
{
    private const string ServerName = "turn.example.org";

    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];
    private static readonly byte[] s_macKey = [.. Enumerable.Range(100, 20).Select(i => (byte)i)];

    [Test]
    [Rfc(7635, "4")]
    public void The_challenge_names_the_server()
    {
        ServerRig rig = Rig();
        RigClient client = rig.Client();
        client.Write(StunMethod.Allocate);
        _ = rig.Send(client.Path, client.Last);
        byte[]? reply = rig.TakeReply();
        Assert.That(Reply.Code(reply), Is.EqualTo(401));
        Assert.That(Reply.Read(reply).TryGetThirdPartyAuthorization(out string name), Is.True);
        Assert.That(name, Is.EqualTo(ServerName));
    }

    [Test]
    [Rfc(7635, "7")]
    [Rfc(7635, "9")]
    public void A_token_allocates_and_its_key_signs_what_follows([Values] bool sha256)
    {
        ServerRig rig = Rig();
        byte[]? reply = Ask(rig, StunMethod.Allocate, Token(rig), sha256: sha256);
        Assert.That(Reply.Code(reply), Is.Zero);
        Assert.That(sha256 ? Reply.Read(reply).VerifyMessageIntegritySha256(s_macKey) : Reply.Read(reply).VerifyMessageIntegrity(s_macKey), Is.True);
        Assert.That(Reply.Lifetime(reply), Is.EqualTo(600));
        Assert.That(Reply.Code(Ask(rig, StunMethod.CreatePermission, null, sha256: sha256)), Is.Zero);
        Assert.That(Reply.Code(Ask(rig, StunMethod.CreatePermission, null, macKey: new byte[20])), Is.EqualTo(401));
    }

    [Test]
    [Rfc(7635, "9")]
    public void The_lifetime_is_no_longer_than_the_tokens()
    {
        ServerRig rig = Rig();
        Assert.That(Reply.Lifetime(Ask(rig, StunMethod.Allocate, Token(rig, lifetime: 100))), Is.EqualTo(105));
        rig.Advance(105);
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }

    [Test]
    [Rfc(7635, "7")]
    public void A_token_that_is_expired_forged_or_for_another_server_or_key_is_401()
    {
        ServerRig rig = Rig();
        byte[] token = Token(rig);
        Assert.That(Reply.Code(Ask(rig, StunMethod.Allocate, token, keyId: "other")), Is.EqualTo(401));
        Assert.That(Reply.Code(Ask(rig, StunMethod.Allocate, token, macKey: new byte[20])), Is.EqualTo(401));
        byte[] forged = [.. token];
        forged[^1] ^= 1;
        Assert.That(Reply.Code(Ask(rig, StunMethod.Allocate, forged)), Is.EqualTo(401));
        byte[] elsewhere = new OAuthTokenCodec(s_key, "turn.example.net").Encode(new OAuthTokenContent(s_macKey, Now(rig), TimeSpan.FromHours(1)), rig.Entropy);
        Assert.That(Reply.Code(Ask(rig, StunMethod.Allocate, elsewhere)), Is.EqualTo(401));
        byte[] expiring = Token(rig, lifetime: 10);
        rig.Advance(14.9);
        Assert.That(Reply.Code(Ask(rig, StunMethod.Allocate, expiring)), Is.Zero);
        rig.Advance(0.2);
        Assert.That(Reply.Code(Ask(rig, StunMethod.Allocate, expiring, path: ServerRig.Path(port: 2))), Is.EqualTo(401));
    }

    [Test]
    [Rfc(7635, "9")]
    public void A_new_token_refreshes_and_its_key_takes_over()
    {
        ServerRig rig = Rig();
        _ = Ask(rig, StunMethod.Allocate, Token(rig));
        byte[] next = [.. s_macKey.Reverse()];
        Assert.That(Reply.Code(Ask(rig, StunMethod.Refresh, Token(rig, macKey: next), macKey: next)), Is.Zero);
        Assert.That(Reply.Code(Ask(rig, StunMethod.CreatePermission, null, macKey: next)), Is.Zero);
        Assert.That(Reply.Code(Ask(rig, StunMethod.CreatePermission, null)), Is.EqualTo(401));
    }

    [Test]
    [Rfc(7635, "7")]
    public void A_token_without_what_belongs_to_it_is_400_and_with_an_old_nonce_438()
    {
        ServerRig rig = Rig();
        byte[] buffer = new byte[500];
        var writer = new StunWriter(buffer, StunMethod.Allocate, StunClass.Request, TransactionId.Create(rig.Entropy));
        writer.AddRequestedTransport(TurnTransport.Udp);
        writer.AddAccessToken(Token(rig));
        writer.AddText(StunAttributeType.Username, "kid");
        writer.AddMessageIntegrity(s_macKey);
        _ = rig.Send(ServerRig.Path(), writer.Written);
        Assert.That(Reply.Code(rig.TakeReply()), Is.EqualTo(400));
        byte[] nonce = Nonce(rig, ServerRig.Path(port: 3));
        Assert.That(Reply.Code(Ask(rig, StunMethod.Allocate, Token(rig), nonce: nonce)), Is.EqualTo(438));
    }

    [Test]
    public void Users_with_passwords_and_clients_with_tokens_share_a_server_and_nothing_else()
    {
        ServerRig rig = Rig();
        _ = rig.Client(port: 7).Allocate();
        _ = Ask(rig, StunMethod.Allocate, Token(rig));
        Assert.That(rig.Client().Code(StunMethod.Refresh), Is.EqualTo(441));
        Assert.That(rig.Core.AllocationCount, Is.EqualTo(2));
    }

    private static ServerRig Rig() => new(o => o with { Tokens = new TurnTokenAuthority(ServerName, [new("kid", s_key)]) });

    private static DateTimeOffset Now(ServerRig rig) => DateTimeOffset.UnixEpoch.AddSeconds(1_000_000) + rig.Now.SinceOrigin;

    private static byte[] Token(ServerRig rig, int lifetime = 3600, byte[]? macKey = null) =>
        new OAuthTokenCodec(s_key, ServerName).Encode(new OAuthTokenContent(macKey ?? s_macKey, Now(rig), TimeSpan.FromSeconds(lifetime)), rig.Entropy);

    private static byte[] Nonce(ServerRig rig, FiveTuple path)
    {
        byte[] buffer = new byte[100];
        _ = rig.Send(path, new StunWriter(buffer, StunMethod.Allocate, StunClass.Request, TransactionId.Create(rig.Entropy)).Written);
        Assert.That(Reply.Read(rig.TakeReply()).TryGet(StunAttributeType.Nonce, out ReadOnlySpan<byte> nonce), Is.True);
        return nonce.ToArray();
    }

    private static byte[]? Ask(
        ServerRig rig, StunMethod method, byte[]? token, string keyId = "kid", byte[]? macKey = null, bool sha256 = false, FiveTuple? path = null, byte[]? nonce = null)
    {
        FiveTuple from = path ?? ServerRig.Path();
        byte[] buffer = new byte[800];
        byte[] challenge = nonce ?? Nonce(rig, from);
        var writer = new StunWriter(buffer, method, StunClass.Request, TransactionId.Create(rig.Entropy));
        if (method == StunMethod.Allocate)
            writer.AddRequestedTransport(TurnTransport.Udp);
        if (method == StunMethod.CreatePermission)
            writer.AddPeer(ServerRig.Peer);
        if (token is not null)
            writer.AddAccessToken(token);
        writer.AddText(StunAttributeType.Username, keyId);
        writer.AddText(StunAttributeType.Realm, "example.org");
        writer.Add(StunAttributeType.Nonce, challenge);
        if (sha256)
            writer.AddMessageIntegritySha256(macKey ?? s_macKey);
        else
            writer.AddMessageIntegrity(macKey ?? s_macKey);
        _ = rig.Send(from, writer.Written);
        return rig.TakeReply();
    }
}
