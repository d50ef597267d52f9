using Ice.Testing;

namespace Stun.Tests;

[Rfc(8489, "9.1")]
internal sealed class ShortTermCredentialTests
{
    private const ushort BindingRequest = 0x0001;

    private static readonly ShortTermCredential s_credential = new("evtj:h6vY", Vectors.Password);
    private static readonly ShortTermCredential s_other = new("evtj:h6vY", "another password");

    [Test, Rfc(8489, "9.1.1")]
    public void The_key_is_the_password_in_the_form_of_OpaqueString()
    {
        Assert.That(s_credential.CheckRequest(Messages.Parse(Vectors.Request)), Is.Zero);
        Assert.That(ShortTermCredential.DeriveKey("p\u00E4ss\u00A0word").Bytes.ToArray(), Is.EqualTo("p\u00E4ss word"u8.ToArray()));
        Assert.Throws<ArgumentException>(() => ShortTermCredential.DeriveKey("a\u0007"));
    }

    [Test, Rfc(8489, "9.1.2")]
    public void A_request_carries_both_integrity_attributes_unless_the_algorithm_is_known()
    {
        StunMessage both = Messages.Parse(Request());
        Assert.That(both.TryGetText(StunAttributeType.Username, out string username) ? username : "", Is.EqualTo("evtj:h6vY"));
        Assert.That(both.VerifyMessageIntegrity(s_credential.Key) && both.VerifyMessageIntegritySha256(s_credential.Key), Is.True);
        StunMessage one = Messages.Parse(Request(StunIntegrity.Sha1));
        Assert.That(one.Integrity, Is.EqualTo(StunIntegrity.Sha1));
        Assert.That(one.Has(StunAttributeType.Username), Is.True);
        Assert.That(Messages.Parse(Request(StunIntegrity.Sha256)).Integrity, Is.EqualTo(StunIntegrity.Sha256));
        Assert.Throws<ArgumentException>(() => Request(StunIntegrity.None));
    }

    [Test, Rfc(8489, "9.1.3")]
    public void A_request_without_username_or_without_integrity_is_a_bad_request()
    {
        StunMessage nothing = Messages.Parse(Messages.Raw(BindingRequest));
        StunMessage unsigned = Messages.Parse(Messages.Raw(BindingRequest, (StunAttributeType.Username, "evtj:h6vY"u8.ToArray())));
        StunMessage unnamed = Messages.Parse(Messages.Raw(BindingRequest, (StunAttributeType.MessageIntegrity, new byte[20])));
        StunMessage late = Messages.Parse(Messages.Raw(
            BindingRequest, (StunAttributeType.MessageIntegrity, new byte[20]), (StunAttributeType.Username, "evtj:h6vY"u8.ToArray())));
        Assert.That(s_credential.CheckRequest(nothing), Is.EqualTo(400));
        Assert.That(s_credential.CheckRequest(unsigned), Is.EqualTo(400));
        Assert.That(s_credential.CheckRequest(unnamed), Is.EqualTo(400));
        Assert.That(s_credential.CheckRequest(late), Is.EqualTo(400));
    }

    [Test, Rfc(8489, "9.1.3")]
    public void A_request_of_another_user_is_unauthenticated() =>
        Assert.That(new ShortTermCredential("evtj:h6vZ", Vectors.Password).CheckRequest(Messages.Parse(Vectors.Request)), Is.EqualTo(401));

    [TestCase(StunIntegrity.Sha1), TestCase(StunIntegrity.Sha256), TestCase(StunIntegrity.Both)]
    [Rfc(8489, "9.1.3")]
    public void A_request_with_the_wrong_password_is_unauthenticated(StunIntegrity integrity)
    {
        Assert.That(s_credential.CheckRequest(Messages.Parse(Request(integrity))), Is.Zero);
        Assert.That(s_other.CheckRequest(Messages.Parse(Request(integrity))), Is.EqualTo(401));
    }

    [Test, Rfc(8489, "9.1.3")]
    public void An_indication_is_checked_as_a_request_is()
    {
        byte[] buffer = new byte[256];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Indication, Messages.Id);
        s_credential.SignRequest(ref writer);
        Assert.That(s_credential.CheckRequest(Messages.Parse(writer.Written)), Is.Zero);
        Assert.That(s_other.CheckRequest(Messages.Parse(writer.Written)), Is.Not.Zero);
        Assert.That(s_credential.CheckRequest(Messages.Parse(Messages.Raw(0x0011))), Is.Not.Zero);
    }

    [Test, Rfc(8489, "9.1.3")]
    public void With_sha256_present_it_alone_is_checked()
    {
        // MESSAGE-INTEGRITY is right and MESSAGE-INTEGRITY-SHA256 is not.
        byte[] message = Request();
        message[^1] ^= 1;
        Assert.That(Messages.Parse(message).VerifyMessageIntegrity(s_credential.Key), Is.True);
        Assert.That(s_credential.CheckRequest(Messages.Parse(message)), Is.EqualTo(401));
    }

    [TestCase(StunIntegrity.Sha1, StunIntegrity.Sha1), TestCase(StunIntegrity.Sha256, StunIntegrity.Sha256), TestCase(StunIntegrity.Both, StunIntegrity.Sha256)]
    [Rfc(8489, "9.1.3"), Rfc(8489, "9.1.5")]
    public void The_response_carries_the_stronger_attribute_of_the_request_alone_and_no_username(StunIntegrity sent, StunIntegrity expected)
    {
        StunMessage response = Messages.Parse(Response(s_credential, Messages.Parse(Request(sent))));
        Assert.That(response.Integrity, Is.EqualTo(expected));
        Assert.That(response.Has(StunAttributeType.Username), Is.False);
        Assert.That(s_credential.CheckResponse(response, sent, reliable: false), Is.EqualTo(ResponseVerdict.Accepted));
        // And the request after it carries that attribute alone.
        Assert.That(Messages.Parse(Request(response.Integrity)).Integrity, Is.EqualTo(expected));
    }

    [Test]
    public void A_response_is_signed_with_exactly_one_attribute() => Assert.Throws<ArgumentException>(static () =>
    {
        var writer = new StunWriter(new byte[128], StunMethod.Binding, StunClass.SuccessResponse, Messages.Id);
        s_credential.SignResponse(ref writer, StunIntegrity.Both);
    });

    [Test, Rfc(8489, "9.1.4")]
    public void A_response_of_another_algorithm_than_the_request_is_discarded()
    {
        StunMessage response = Messages.Parse(Response(s_credential, Messages.Parse(Request(StunIntegrity.Sha1))));
        Assert.That(s_credential.CheckResponse(response, StunIntegrity.Sha256, reliable: false), Is.EqualTo(ResponseVerdict.Ignored));
        Assert.That(s_credential.CheckResponse(response, StunIntegrity.Sha256, reliable: true), Is.EqualTo(ResponseVerdict.Ignored));
    }

    [TestCase(false, ResponseVerdict.IntegrityIgnored), TestCase(true, ResponseVerdict.IntegrityViolated)]
    [Rfc(8489, "9.1.4")]
    public void A_response_with_wrong_or_without_integrity_is_discarded_and_ends_a_reliable_transaction(bool reliable, ResponseVerdict expected)
    {
        StunMessage forged = Messages.Parse(Response(s_other, Messages.Parse(Request())));
        StunMessage bare = Messages.Parse(Messages.Raw(0x0101));
        Assert.That(s_credential.CheckResponse(forged, StunIntegrity.Both, reliable), Is.EqualTo(expected));
        Assert.That(s_credential.CheckResponse(bare, StunIntegrity.Both, reliable), Is.EqualTo(expected));
        Assert.That(s_credential.CheckResponse(bare, StunIntegrity.Sha1, reliable), Is.EqualTo(expected));
    }

    [Test, Rfc(8489, "14.3")]
    public void A_username_is_brought_into_the_form_of_OpaqueString_and_has_fewer_than_509_bytes()
    {
        Assert.That(new ShortTermCredential("a\u00A0b", "x").UsernameUtf8.ToArray(), Is.EqualTo("a b"u8.ToArray()));
        Assert.Throws<ArgumentException>(() => _ = new ShortTermCredential("a\u200Bb", "x"));
        Assert.That(new ShortTermCredential(new string('\u00E4', 254), "x").UsernameUtf8.Length, Is.EqualTo(508));
        Assert.Throws<ArgumentException>(() => _ = new ShortTermCredential(new string('x', 509), "x"));
    }

    [Test, Rfc(8489, "6.3")]
    public void A_known_attribute_that_nobody_expects_is_ignored()
    {
        var writer = new StunWriter(new byte[256], StunMethod.Binding, StunClass.Request, Messages.Id);
        writer.AddText(StunAttributeType.Realm, "example.org");
        writer.AddText(StunAttributeType.Nonce, "nonce");
        writer.AddAddress(StunAttributeType.MappedAddress, Messages.Server);
        s_credential.SignRequest(ref writer);
        StunMessage request = Messages.Parse(writer.Written);
        Assert.That(s_credential.CheckRequest(request), Is.Zero);
        Assert.That(request.GetUnknownComprehensionRequired(default, Enum.GetValues<StunAttributeType>()), Is.Zero);
    }

    [Test]
    public void Bad_credentials_are_refused_at_once()
    {
        Assert.Throws<ArgumentException>(() => _ = new ShortTermCredential("", "x"));
        Assert.Throws<ArgumentException>(() => _ = new ShortTermCredential("x", ""));
        Assert.That(s_credential.ToString(), Does.Not.Contain(Vectors.Password));
    }

    private static byte[] Request(StunIntegrity integrity = StunIntegrity.Both)
    {
        var writer = new StunWriter(new byte[256], StunMethod.Binding, StunClass.Request, Messages.Id);
        s_credential.SignRequest(ref writer, integrity);
        return writer.Written.ToArray();
    }

    private static byte[] Response(ShortTermCredential credential, StunMessage request)
    {
        StunWriter writer = StunWriter.Respond(new byte[256], request, StunClass.SuccessResponse);
        credential.SignResponse(ref writer, ShortTermCredential.ResponseIntegrity(request));
        return writer.Written.ToArray();
    }
}
