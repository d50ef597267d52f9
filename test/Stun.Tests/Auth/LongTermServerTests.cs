using System.Text;
using Ice.Testing;

namespace Stun.Tests;

[Rfc(8489, "9.2.4")]
internal sealed class LongTermServerTests
{
    private const ushort AllocateRequest = 0x0003;

    [Test]
    public void A_request_without_integrity_gets_401_with_realm_nonce_and_algorithms()
    {
        StunMessage response = Messages.Parse(new LongTermTestServer().Answer(Messages.Raw(AllocateRequest)));
        AssertChallenge(response, 401);
        Assert.That(response.TryGetText(StunAttributeType.Realm, out string realm) ? realm : "", Is.EqualTo(LongTermTestServer.Realm));
    }

    [Test, Rfc(8489, "9.2")]
    public void The_nonce_begins_with_the_cookie_that_names_the_features()
    {
        Assert.That(NonceOf(new LongTermTestServer()), Does.StartWith("obMatJos2gAAA"));
        Assert.That(NonceOf(new LongTermTestServer(anonymity: true)), Does.StartWith("obMatJos2wAAA"));
    }

    [Test]
    public void Two_sources_never_get_the_same_nonce()
    {
        var server = new LongTermTestServer();
        string first = NonceOf(server);
        server.Source = server.Source.WithPort(4001);
        Assert.That(NonceOf(server), Is.Not.EqualTo(first));
    }

    [TestCase(StunAttributeType.Username), TestCase(StunAttributeType.Realm), TestCase(StunAttributeType.Nonce)]
    public void A_signed_request_that_lacks_an_attribute_gets_a_bare_400(StunAttributeType missing)
    {
        var server = new LongTermTestServer();
        StunMessage response = Messages.Parse(server.Answer(Signed(server, new Request { Missing = missing })));
        Assert.That(response.TryGetErrorCode(out int code, out _) ? code : 0, Is.EqualTo(400));
        Assert.That(Messages.TypesOf(response), Is.EqualTo(new[] { StunAttributeType.ErrorCode }));
    }

    [TestCase(StunAttributeType.PasswordAlgorithm), TestCase(StunAttributeType.PasswordAlgorithms)]
    public void One_of_the_two_algorithm_attributes_alone_gets_400(StunAttributeType missing)
    {
        var server = new LongTermTestServer();
        Assert.That(CodeOf(server.Answer(Signed(server, new Request { Missing = missing }))), Is.EqualTo(400));
    }

    [Test, Rfc(8489, "16.1.3")]
    public void Algorithms_that_differ_from_those_sent_get_400()
    {
        var server = new LongTermTestServer();
        byte[] lowered = PasswordAlgorithmList.Encode(PasswordAlgorithm.Md5);
        Assert.That(CodeOf(server.Answer(Signed(server, new Request { Algorithms = lowered, Algorithm = PasswordAlgorithm.Md5 }))), Is.EqualTo(400));
        var sha256Only = new LongTermTestServer(false, PasswordAlgorithm.Sha256);
        byte[] sent = PasswordAlgorithmList.Encode(PasswordAlgorithm.Sha256);
        Assert.That(CodeOf(sha256Only.Answer(Signed(sha256Only, new Request { Algorithms = sent, Algorithm = PasswordAlgorithm.Md5 }))), Is.EqualTo(400));
    }

    [Test]
    public void An_unknown_user_gets_401_with_all_that_a_new_try_needs()
    {
        var server = new LongTermTestServer();
        AssertChallenge(Messages.Parse(server.Answer(Signed(server, new Request { User = "nobody" }))), 401);
    }

    [Test]
    public void A_wrong_password_gets_401_with_all_that_a_new_try_needs()
    {
        var server = new LongTermTestServer();
        AssertChallenge(Messages.Parse(server.Answer(Signed(server, new Request { Password = "wrong" }))), 401);
    }

    [Test]
    public void A_nonce_that_is_no_longer_valid_gets_438_with_one_that_is()
    {
        var server = new LongTermTestServer();
        byte[] request = Signed(server, new Request());
        server.Now += TimeSpan.FromMinutes(11);
        StunMessage response = Messages.Parse(server.Answer(request));
        AssertChallenge(response, 438);
        Assert.That(response.TryGetText(StunAttributeType.Nonce, out string nonce), Is.True);
        Assert.That(Messages.Parse(server.Answer(Signed(server, new Request { Nonce = nonce }))).Class, Is.EqualTo(StunClass.SuccessResponse));
    }

    [Test, Rfc(8489, "16.1.3")]
    public void A_nonce_whose_features_were_lowered_on_the_way_is_stale()
    {
        var server = new LongTermTestServer();
        string nonce = NonceOf(server);
        foreach (string forged in new[] { nonce.Replace("obMatJos2gAAA", "obMatJos2AAAA", StringComparison.Ordinal), nonce["obMatJos2gAAA".Length..], "x" })
        {
            byte[] request = Signed(server, new Request { Nonce = forged, Legacy = true });
            Assert.That(CodeOf(server.Answer(request)), Is.EqualTo(438), forged);
        }
    }

    [TestCase(PasswordAlgorithm.Sha256), TestCase(PasswordAlgorithm.Md5)]
    public void A_right_request_gets_a_response_with_sha256_alone(PasswordAlgorithm algorithm)
    {
        var server = new LongTermTestServer();
        StunMessage response = Messages.Parse(server.Answer(Signed(server, new Request { Algorithm = algorithm })));
        Assert.That(response.Class, Is.EqualTo(StunClass.SuccessResponse));
        Assert.That(Messages.TypesOf(response), Is.EqualTo(new[] { StunAttributeType.MessageIntegritySha256 }));
        StunKey key = LongTermCredential.DeriveKey(LongTermTestServer.User, LongTermTestServer.Realm, LongTermTestServer.Password, algorithm);
        Assert.That(response.VerifyMessageIntegritySha256(key), Is.True);
    }

    [Test]
    public void A_client_of_rfc_5389_is_served_with_md5_and_sha1_and_nothing_else_in_the_response()
    {
        var server = new LongTermTestServer();
        StunMessage response = Messages.Parse(server.Answer(Signed(server, new Request { Legacy = true })));
        Assert.That(response.Class, Is.EqualTo(StunClass.SuccessResponse));
        Assert.That(Messages.TypesOf(response), Is.EqualTo(new[] { StunAttributeType.MessageIntegrity }));
        StunKey key = LongTermCredential.DeriveKey(LongTermTestServer.User, LongTermTestServer.Realm, LongTermTestServer.Password, PasswordAlgorithm.Md5);
        Assert.That(response.VerifyMessageIntegrity(key), Is.True);
    }

    [Test]
    public void With_both_integrity_attributes_sha256_decides()
    {
        var server = new LongTermTestServer();
        byte[] request = Signed(server, new Request { Both = true });
        Assert.That(Messages.Parse(server.Answer(request)).Class, Is.EqualTo(StunClass.SuccessResponse));
        request[^1] ^= 1;
        Assert.That(CodeOf(server.Answer(request)), Is.EqualTo(401));
    }

    [Test, Rfc(8489, "14.4")]
    public void A_user_is_found_by_hash_where_the_server_supports_it()
    {
        var server = new LongTermTestServer(anonymity: true);
        Assert.That(Messages.Parse(server.Answer(Signed(server, new Request { Hash = true }))).Class, Is.EqualTo(StunClass.SuccessResponse));
        Assert.That(CodeOf(server.Answer(Signed(server, new Request { Hash = true, User = "nobody" }))), Is.EqualTo(401));
    }

    [Test, Rfc(8489, "14.9")]
    public void A_realm_is_brought_into_the_form_of_OpaqueString_and_has_fewer_than_128_characters()
    {
        var users = new LongTermTestServer();
        Assert.That(new LongTermServer("a\u00A0b", users, users, [PasswordAlgorithm.Md5], anonymity: false).Realm, Is.EqualTo("a b"));
        Assert.That(new LongTermServer(new string('\u00E4', 127), users, users, [PasswordAlgorithm.Md5], anonymity: false).Realm, Has.Length.EqualTo(127));
        Assert.Throws<ArgumentException>(() => _ = new LongTermServer(new string('r', 128), users, users, [PasswordAlgorithm.Md5], anonymity: false));
        Assert.Throws<ArgumentException>(() => _ = new LongTermServer("a\u200B", users, users, [PasswordAlgorithm.Md5], anonymity: false));
    }

    [Test, Rfc(8489, "14.10")]
    public void Misuse_is_refused_at_once()
    {
        var users = new LongTermTestServer();
        Assert.Throws<ArgumentException>(() => _ = new LongTermServer("r", users, users, [], anonymity: false));
        Assert.Throws<ArgumentException>(() => _ = new LongTermServer("r", users, new LongTermTestServer { MaxLength = 115 }, [PasswordAlgorithm.Md5], anonymity: false));
        Assert.DoesNotThrow(() => _ = new LongTermServer("r", users, new LongTermTestServer { MaxLength = 114 }, [PasswordAlgorithm.Md5], anonymity: false));
        Assert.Throws<ArgumentException>(static () =>
        {
            var writer = new StunWriter(new byte[64], StunMethod.Binding, StunClass.SuccessResponse, Messages.Id);
            LongTermServer.Sign(ref writer, default);
        });
    }

    private static void AssertChallenge(StunMessage response, int code)
    {
        Assert.That(response.TryGetErrorCode(out int read, out _) ? read : 0, Is.EqualTo(code));
        Assert.That(
            Messages.TypesOf(response),
            Is.EqualTo(new[] { StunAttributeType.ErrorCode, StunAttributeType.Realm, StunAttributeType.Nonce, StunAttributeType.PasswordAlgorithms }));
        Assert.That(response.TryGet(StunAttributeType.PasswordAlgorithms, out ReadOnlySpan<byte> list) ? list.ToArray() : [], Is.EqualTo(new byte[] { 0, 2, 0, 0, 0, 1, 0, 0 }));
        Assert.That(response.TryGetText(StunAttributeType.Nonce, out string nonce) ? nonce : "", Does.StartWith("obMatJos2"));
    }

    private static string NonceOf(LongTermTestServer server) =>
        Messages.Parse(server.Answer(Messages.Raw(AllocateRequest))).TryGetText(StunAttributeType.Nonce, out string nonce) ? nonce : "";

    private static int CodeOf(byte[] response) => Messages.Parse(response).TryGetErrorCode(out int code, out _) ? code : 0;

    private static byte[] Signed(LongTermTestServer server, Request request)
    {
        var writer = new StunWriter(new byte[1024], StunMethod.Allocate, StunClass.Request, Messages.Id);
        var values = new List<(StunAttributeType Type, byte[] Value)>();
        byte[] hash = new byte[32];
        LongTermCredential.WriteUserHash(request.User, LongTermTestServer.Realm, hash);
        values.Add(request.Hash ? (StunAttributeType.UserHash, hash) : (StunAttributeType.Username, Encoding.UTF8.GetBytes(request.User)));
        values.Add((StunAttributeType.Realm, Encoding.UTF8.GetBytes(LongTermTestServer.Realm)));
        values.Add((StunAttributeType.Nonce, Encoding.UTF8.GetBytes(request.Nonce ?? NonceOf(server))));
        if (!request.Legacy)
        {
            values.Add((StunAttributeType.PasswordAlgorithms, request.Algorithms));
            values.Add((StunAttributeType.PasswordAlgorithm, PasswordAlgorithmList.Encode(request.Algorithm)));
        }

        foreach ((StunAttributeType type, byte[] value) in values.Where(v => v.Type != request.Missing))
            writer.Add(type, value);
        StunKey key = LongTermCredential.DeriveKey(
            request.User, LongTermTestServer.Realm, request.Password, request.Legacy ? PasswordAlgorithm.Md5 : request.Algorithm);
        if (request.Legacy || request.Both)
            writer.AddMessageIntegrity(key);
        if (!request.Legacy)
            writer.AddMessageIntegritySha256(key);
        return writer.Written.ToArray();
    }

    private sealed record Request
    {
        public string User { get; init; } = LongTermTestServer.User;

        public string Password { get; init; } = LongTermTestServer.Password;

        public string? Nonce { get; init; }

        public bool Hash { get; init; }

        public bool Legacy { get; init; }

        public bool Both { get; init; }

        public PasswordAlgorithm Algorithm { get; init; } = PasswordAlgorithm.Sha256;

        public byte[] Algorithms { get; init; } = PasswordAlgorithmList.Encode(PasswordAlgorithm.Sha256, PasswordAlgorithm.Md5);

        public StunAttributeType? Missing { get; init; }
    }
}
