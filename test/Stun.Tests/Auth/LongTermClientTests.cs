using System.Text;
using Ice.Testing;

namespace Stun.Tests;

[Rfc(8489, "9.2.5")]
internal sealed class LongTermClientTests
{
    private const ushort AllocateSuccess = 0x0103;
    private const ushort AllocateError = 0x0113;
    private const string CookieNonce = "obMatJos2gAAAabc";

    private static readonly byte[] s_both = PasswordAlgorithmList.Encode(PasswordAlgorithm.Sha256, PasswordAlgorithm.Md5);

    [Test, Rfc(8489, "9.2.3.1")]
    public void The_first_request_carries_no_authentication()
    {
        (byte[] request, RequestStamp stamp) = Send(Client());
        Assert.That(Messages.TypesOf(Messages.Parse(request)), Is.Empty);
        Assert.That(stamp.Integrity, Is.EqualTo(StunIntegrity.None));
    }

    [TestCase(true), TestCase(false)]
    [Rfc(8489, "9.2.3.2"), Rfc(8489, "9.2.4")]
    public void Client_and_server_come_together_and_stay_together(bool anonymity)
    {
        var server = new LongTermTestServer(anonymity);
        LongTermClient client = Client();
        Assert.That(Exchange(client, server), Is.EqualTo(ResponseVerdict.Retry));
        Assert.That(client.Realm, Is.EqualTo(LongTermTestServer.Realm));
        for (int round = 0; round < 3; round++)
            Assert.That(Exchange(client, server), Is.EqualTo(ResponseVerdict.Accepted));
        for (int stale = 0; stale < 2 * LongTermClient.MaxStaleNonces; stale++)
        {
            server.Now += TimeSpan.FromMinutes(11);
            Assert.That(Exchange(client, server), Is.EqualTo(ResponseVerdict.Retry), "stale nonce");
            Assert.That(Exchange(client, server), Is.EqualTo(ResponseVerdict.Accepted));
        }
    }

    [Test]
    public void The_retry_carries_username_and_copies_realm_nonce_and_algorithms()
    {
        LongTermClient client = Challenged(401, ("example.org", CookieNonce, s_both));
        StunMessage retry = Messages.Parse(Send(client).Request);
        Assert.That(
            Messages.TypesOf(retry),
            Is.EqualTo(new[]
            {
                StunAttributeType.Username, StunAttributeType.Realm, StunAttributeType.Nonce, StunAttributeType.PasswordAlgorithms,
                StunAttributeType.PasswordAlgorithm, StunAttributeType.MessageIntegritySha256,
            }));
        Assert.That(Text(retry, StunAttributeType.Username), Is.EqualTo("user"));
        Assert.That(Text(retry, StunAttributeType.Realm), Is.EqualTo("example.org"));
        Assert.That(Text(retry, StunAttributeType.Nonce), Is.EqualTo(CookieNonce));
        Assert.That(Value(retry, StunAttributeType.PasswordAlgorithms), Is.EqualTo(s_both));
        Assert.That(Value(retry, StunAttributeType.PasswordAlgorithm), Is.EqualTo(new byte[] { 0, 2, 0, 0 }));
        Assert.That(retry.VerifyMessageIntegritySha256(Key(PasswordAlgorithm.Sha256)), Is.True);
    }

    [Test]
    public void The_first_supported_algorithm_of_the_list_is_used()
    {
        byte[] list = [0, 9, 0, 0, .. PasswordAlgorithmList.Encode(PasswordAlgorithm.Md5, PasswordAlgorithm.Sha256)];
        StunMessage retry = Messages.Parse(Send(Challenged(401, ("example.org", CookieNonce, list))).Request);
        Assert.That(Value(retry, StunAttributeType.PasswordAlgorithm), Is.EqualTo(new byte[] { 0, 1, 0, 0 }));
        Assert.That(retry.VerifyMessageIntegritySha256(Key(PasswordAlgorithm.Md5)), Is.True, "and still MESSAGE-INTEGRITY-SHA256");
        Assert.That(retry.HasMessageIntegrity, Is.False);
    }

    [Test]
    public void A_server_of_rfc_5389_gets_md5_and_sha1()
    {
        StunMessage retry = Messages.Parse(Send(Challenged(401, ("example.org", "f//499k954d6OL34oL9FSTvy64sA", null))).Request);
        Assert.That(
            Messages.TypesOf(retry),
            Is.EqualTo(new[] { StunAttributeType.Username, StunAttributeType.Realm, StunAttributeType.Nonce, StunAttributeType.MessageIntegrity }));
        Assert.That(retry.VerifyMessageIntegrity(Key(PasswordAlgorithm.Md5)), Is.True);
    }

    [TestCase("obMatJos2wAAAabc", true), TestCase("obMatJos2QAAAabc", true), TestCase("obMatJos2gAAAabc", false), TestCase("obMatJos2AAAAabc", false)]
    [Rfc(8489, "14.4")]
    public void The_username_is_hashed_if_and_only_if_the_server_says_so(string nonce, bool hashed)
    {
        StunMessage retry = Messages.Parse(Send(Challenged(401, ("example.org", nonce, s_both))).Request);
        Assert.That(retry.Has(StunAttributeType.UserHash), Is.EqualTo(hashed));
        Assert.That(retry.Has(StunAttributeType.Username), Is.EqualTo(!hashed));
        byte[] expected = new byte[32];
        LongTermCredential.WriteUserHash("user", "example.org", expected);
        if (hashed)
            Assert.That(Value(retry, StunAttributeType.UserHash), Is.EqualTo(expected));
    }

    [TestCase(401), TestCase(438)]
    [Rfc(8489, "16.1.3")]
    public void A_challenge_from_which_the_algorithms_were_taken_is_refused(int code)
    {
        LongTermClient client = Client();
        (_, RequestStamp stamp) = Send(client);
        byte[] response = Challenge(code, "example.org", CookieNonce, null);
        Assert.That(client.Check(Messages.Parse(response), stamp, reliable: false), Is.EqualTo(ResponseVerdict.ChallengeRefused));
        Assert.That(Messages.TypesOf(Messages.Parse(Send(client).Request)), Is.Empty, "nothing was learned from it");
    }

    [Test]
    public void A_challenge_without_a_supported_algorithm_is_refused()
    {
        LongTermClient client = Client();
        byte[] response = Challenge(401, "example.org", CookieNonce, [0, 9, 0, 0]);
        Assert.That(client.Check(Messages.Parse(response), default, reliable: false), Is.EqualTo(ResponseVerdict.ChallengeRefused));
    }

    [Test]
    public void A_second_401_to_the_same_credentials_is_final()
    {
        LongTermClient client = Challenged(401, ("example.org", CookieNonce, s_both));
        (_, RequestStamp stamp) = Send(client);
        byte[] again = Challenge(401, "example.org", "obMatJos2gAAAnew", s_both);
        Assert.That(client.Check(Messages.Parse(again), stamp, reliable: false), Is.EqualTo(ResponseVerdict.CredentialsRefused));
        byte[] elsewhere = Challenge(401, "example.com", "obMatJos2gAAAnew", s_both);
        Assert.That(client.Check(Messages.Parse(elsewhere), stamp, reliable: false), Is.EqualTo(ResponseVerdict.Retry), "another realm");
        Assert.That(Text(Messages.Parse(Send(client).Request), StunAttributeType.Realm), Is.EqualTo("example.com"));
    }

    [Test]
    public void A_stale_nonce_is_replaced_by_the_new_one_and_all_else_stays()
    {
        LongTermClient client = Challenged(401, ("example.org", CookieNonce, s_both));
        (byte[] first, RequestStamp stamp) = Send(client);
        byte[] stale = Challenge(438, "example.org", "obMatJos2gAAAnew", s_both);
        Assert.That(client.Check(Messages.Parse(stale), stamp, reliable: false), Is.EqualTo(ResponseVerdict.Retry));
        StunMessage retry = Messages.Parse(Send(client).Request);
        Assert.That(Text(retry, StunAttributeType.Nonce), Is.EqualTo("obMatJos2gAAAnew"));
        Assert.That(Messages.TypesOf(retry), Is.EqualTo(Messages.TypesOf(Messages.Parse(first))));
        Assert.That(retry.VerifyMessageIntegritySha256(Key(PasswordAlgorithm.Sha256)), Is.True);
    }

    [Test]
    public void A_438_without_a_realm_keeps_the_realm()
    {
        LongTermClient client = Challenged(401, ("example.org", "old", null));
        (_, RequestStamp stamp) = Send(client);
        Assert.That(client.Check(Messages.Parse(Challenge(438, null, "new", null)), stamp, reliable: false), Is.EqualTo(ResponseVerdict.Retry));
        StunMessage retry = Messages.Parse(Send(client).Request);
        Assert.That(Text(retry, StunAttributeType.Realm), Is.EqualTo("example.org"));
        Assert.That(Text(retry, StunAttributeType.Nonce), Is.EqualTo("new"));
    }

    [Test]
    public void A_server_that_never_takes_a_nonce_is_given_up()
    {
        LongTermClient client = Challenged(401, ("example.org", "n", null));
        int retries = 0;
        ResponseVerdict verdict;
        do
        {
            (_, RequestStamp stamp) = Send(client);
            verdict = client.Check(Messages.Parse(Challenge(438, "example.org", $"n{retries++}", null)), stamp, reliable: false);
        }
        while (verdict == ResponseVerdict.Retry && retries < 100);
        Assert.That(verdict, Is.EqualTo(ResponseVerdict.CredentialsRefused));
        Assert.That(retries, Is.EqualTo(LongTermClient.MaxStaleNonces + 1));
    }

    [Test]
    public void Requests_that_were_under_way_together_do_not_use_up_the_retries()
    {
        LongTermClient client = Challenged(401, ("example.org", "old", null));
        RequestStamp[] stamps = [.. Enumerable.Range(0, 20).Select(_ => Send(client).Stamp)];
        for (int index = 0; index < stamps.Length; index++)
        {
            byte[] stale = Challenge(438, "example.org", $"new{index}", null);
            Assert.That(client.Check(Messages.Parse(stale), stamps[index], reliable: false), Is.EqualTo(ResponseVerdict.Retry));
        }

        Assert.That(Text(Messages.Parse(Send(client).Request), StunAttributeType.Nonce), Is.EqualTo("new0"));
    }

    [Test]
    public void A_challenge_never_makes_a_request_longer_than_promised()
    {
        var client = new LongTermClient(new LongTermCredential(new string('u', 508), "pass"));
        byte[] list = [.. s_both, .. Enumerable.Repeat(new byte[] { 0, 9, 0, 0 }, 64).SelectMany(b => b)];
        string realm = new('r', 253);
        int rest = LongTermClient.MaxChallengeLength - list.Length - realm.Length;
        byte[] tooLong = Challenge(401, realm, new string('n', rest + 1), list);
        Assert.That(client.Check(Messages.Parse(tooLong), default, reliable: false), Is.EqualTo(ResponseVerdict.ChallengeRefused));
        byte[] longest = Challenge(401, realm, new string('n', rest), list);
        Assert.That(client.Check(Messages.Parse(longest), default, reliable: false), Is.EqualTo(ResponseVerdict.Retry));
        var writer = new StunWriter(new byte[StunMessage.HeaderLength + LongTermClient.MaxSignatureLength], StunMethod.Allocate, StunClass.Request, Messages.Id);
        client.Sign(ref writer);
        Assert.That(writer.Length, Is.GreaterThan(LongTermClient.MaxSignatureLength - 32));
    }

    [Test]
    public void A_challenge_that_lacks_realm_or_nonce_or_has_them_malformed_is_refused()
    {
        byte[][] challenges =
        [
            Challenge(401, null, "n", null), Challenge(401, "r", null, null), Challenge(401, "", "n", null), Challenge(401, "r", "", null),
            Challenge(401, "a\u0001", "n", null), Challenge(401, "r", new string('n', 764), null), Challenge(401, "\uFFFE\u00E4", "n", null),
        ];
        foreach (byte[] challenge in challenges)
            Assert.That(Client().Check(Messages.Parse(challenge), default, reliable: false), Is.EqualTo(ResponseVerdict.ChallengeRefused));
    }

    [Test, Rfc(8489, "16.1.3")]
    public void Any_other_response_from_which_the_algorithms_were_taken_is_ignored()
    {
        LongTermClient client = Client();
        (_, RequestStamp stamp) = Send(client);
        byte[] response = Messages.Raw(AllocateSuccess, (StunAttributeType.Nonce, Encoding.UTF8.GetBytes(CookieNonce)));
        Assert.That(client.Check(Messages.Parse(response), stamp, reliable: false), Is.EqualTo(ResponseVerdict.Ignored));
    }

    [Test, Rfc(8489, "14.8")]
    public void A_400_without_integrity_is_as_if_it_never_came()
    {
        LongTermClient client = Challenged(401, ("example.org", CookieNonce, s_both));
        (_, RequestStamp stamp) = Send(client);
        byte[] response = Messages.Raw(AllocateError, (StunAttributeType.ErrorCode, [0, 0, 4, 0]));
        Assert.That(client.Check(Messages.Parse(response), stamp, reliable: false), Is.EqualTo(ResponseVerdict.Ignored));
        Assert.That(client.Check(Messages.Parse(response), stamp, reliable: true), Is.EqualTo(ResponseVerdict.Ignored));
    }

    [TestCase(false, ResponseVerdict.IntegrityIgnored), TestCase(true, ResponseVerdict.IntegrityViolated)]
    public void A_response_with_wrong_or_without_integrity_is_discarded_and_ends_a_reliable_transaction(bool reliable, ResponseVerdict expected)
    {
        LongTermClient client = Challenged(401, ("example.org", CookieNonce, s_both));
        (_, RequestStamp stamp) = Send(client);
        byte[] bare = Messages.Raw(AllocateSuccess);
        byte[] wrong = Messages.Raw(AllocateSuccess, (StunAttributeType.MessageIntegritySha256, new byte[32]));
        byte[] serverError = Messages.Raw(AllocateError, (StunAttributeType.ErrorCode, [0, 0, 5, 0]));
        byte[] tryAlternate = Messages.Raw(AllocateError, (StunAttributeType.ErrorCode, [0, 0, 3, 0]));
        foreach (byte[] response in new[] { bare, wrong, serverError, tryAlternate })
            Assert.That(client.Check(Messages.Parse(response), stamp, reliable), Is.EqualTo(expected));
    }

    [Test, Rfc(8489, "14.8")]
    public void A_redirection_that_cannot_be_verified_is_not_followed()
    {
        byte[] tryAlternate = Messages.Raw(AllocateError, (StunAttributeType.ErrorCode, [0, 0, 3, 0]));
        Assert.That(Client().Check(Messages.Parse(tryAlternate), default, reliable: false), Is.EqualTo(ResponseVerdict.IntegrityIgnored));
        LongTermClient client = Challenged(401, ("example.org", CookieNonce, s_both));
        (_, RequestStamp stamp) = Send(client);
        Assert.That(client.Check(Messages.Parse(tryAlternate), stamp, reliable: false), Is.EqualTo(ResponseVerdict.IntegrityIgnored));
        var writer = new StunWriter(new byte[256], StunMethod.Allocate, StunClass.ErrorResponse, Messages.Id);
        writer.AddErrorCode(StunErrorCode.TryAlternate);
        writer.AddAddress(StunAttributeType.AlternateServer, Messages.Server);
        writer.AddMessageIntegritySha256(Key(PasswordAlgorithm.Sha256));
        Assert.That(client.Check(Messages.Parse(writer.Written), stamp, reliable: false), Is.EqualTo(ResponseVerdict.Accepted));
    }

    [Test]
    public void After_sha256_a_response_with_sha1_alone_is_not_taken()
    {
        LongTermClient client = Challenged(401, ("example.org", CookieNonce, s_both));
        (_, RequestStamp stamp) = Send(client);
        var writer = new StunWriter(new byte[128], StunMethod.Allocate, StunClass.SuccessResponse, Messages.Id);
        writer.AddMessageIntegrity(Key(PasswordAlgorithm.Sha256));
        Assert.That(client.Check(Messages.Parse(writer.Written), stamp, reliable: false), Is.EqualTo(ResponseVerdict.IntegrityIgnored));
    }

    [Test]
    public void A_response_is_checked_with_the_key_of_its_own_request()
    {
        LongTermClient client = Challenged(401, ("example.org", "a", null));
        (_, RequestStamp old) = Send(client);
        Assert.That(client.Check(Messages.Parse(Challenge(401, "example.com", "b", null)), old, reliable: false), Is.EqualTo(ResponseVerdict.Retry));
        var writer = new StunWriter(new byte[128], StunMethod.Allocate, StunClass.SuccessResponse, Messages.Id);
        writer.AddMessageIntegrity(Key(PasswordAlgorithm.Md5));
        Assert.That(client.Check(Messages.Parse(writer.Written), old, reliable: false), Is.EqualTo(ResponseVerdict.Accepted));
        Assert.That(client.Check(Messages.Parse(writer.Written), Send(client).Stamp, reliable: false), Is.EqualTo(ResponseVerdict.IntegrityIgnored));
    }

    [Test]
    public void A_server_without_authentication_is_taken_as_it_is() =>
        Assert.That(Client().Check(Messages.Parse(Messages.Raw(AllocateSuccess)), default, reliable: false), Is.EqualTo(ResponseVerdict.Accepted));

    [Test]
    public void The_password_is_not_shown()
    {
        LongTermClient client = Challenged(401, ("example.org", CookieNonce, s_both));
        Assert.That(client + Send(client).Stamp.ToString(), Does.Not.Contain("pass"));
    }

    private static LongTermClient Client() => new(new LongTermCredential("user", "pass"));

    private static StunKey Key(PasswordAlgorithm algorithm) => LongTermCredential.DeriveKey("user", "example.org", "pass", algorithm);

    private static LongTermClient Challenged(int code, (string Realm, string Nonce, byte[]? Algorithms) challenge)
    {
        LongTermClient client = Client();
        (_, RequestStamp stamp) = Send(client);
        byte[] response = Challenge(code, challenge.Realm, challenge.Nonce, challenge.Algorithms);
        Assert.That(client.Check(Messages.Parse(response), stamp, reliable: false), Is.EqualTo(ResponseVerdict.Retry));
        return client;
    }

    private static (byte[] Request, RequestStamp Stamp) Send(LongTermClient client)
    {
        var writer = new StunWriter(new byte[1024], StunMethod.Allocate, StunClass.Request, Messages.Id);
        RequestStamp stamp = client.Sign(ref writer);
        return (writer.Written.ToArray(), stamp);
    }

    private static ResponseVerdict Exchange(LongTermClient client, LongTermTestServer server)
    {
        (byte[] request, RequestStamp stamp) = Send(client);
        return client.Check(Messages.Parse(server.Answer(request)), stamp, reliable: false);
    }

    private static byte[] Challenge(int code, string? realm, string? nonce, byte[]? algorithms)
    {
        var attributes = new List<(StunAttributeType, byte[]?)> { (StunAttributeType.ErrorCode, [0, 0, (byte)(code / 100), (byte)(code % 100)]) };
        if (realm is not null)
            attributes.Add((StunAttributeType.Realm, Encoding.UTF8.GetBytes(realm)));
        if (nonce is not null)
            attributes.Add((StunAttributeType.Nonce, Encoding.UTF8.GetBytes(nonce)));
        if (algorithms is not null)
            attributes.Add((StunAttributeType.PasswordAlgorithms, algorithms));
        return Messages.Raw(AllocateError, [.. attributes]);
    }

    private static string Text(StunMessage message, StunAttributeType type) => message.TryGetText(type, out string text) ? text : "";

    private static byte[] Value(StunMessage message, StunAttributeType type) => message.TryGet(type, out ReadOnlySpan<byte> value) ? value.ToArray() : [];
}
