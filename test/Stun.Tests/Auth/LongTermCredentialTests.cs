using System.Security.Cryptography;
using System.Text;
using Ice.Testing;

namespace Stun.Tests;

internal sealed class LongTermCredentialTests
{
    [Test, Rfc(8489, "9.2.2"), Rfc(8489, "18.5.1.1")]
    public void The_example_of_the_rfc_holds() =>
        Assert.That(
            Convert.ToHexStringLower(new LongTermCredential("user", "pass").DeriveKey("realm", PasswordAlgorithm.Md5).Bytes),
            Is.EqualTo("8493fbc53ba582fb4c044c456bdc40eb"));

    [Test, Rfc(8489, "18.5.1.2")]
    public void The_sha256_key_is_32_bytes_of_the_same_text() =>
        Assert.That(
            new LongTermCredential("user", "pass").DeriveKey("realm", PasswordAlgorithm.Sha256).Bytes.ToArray(),
            Is.EqualTo(SHA256.HashData("user:realm:pass"u8)));

    [Test, Rfc(8489, "B.1"), Rfc(5769, "2.4")]
    public void The_keys_of_the_vectors_verify_them()
    {
        var credential = new LongTermCredential(Vectors.LongTermUsername, Vectors.LongTermPassword);
        Assert.That(Messages.Parse(Vectors.LongTermRequest).VerifyMessageIntegrity(credential.DeriveKey(Vectors.LongTermRealm, PasswordAlgorithm.Md5)), Is.True);
        Assert.That(
            Messages.Parse(Vectors.LongTermSha256Request).VerifyMessageIntegritySha256(credential.DeriveKey(Vectors.LongTermRealm, PasswordAlgorithm.Sha256)),
            Is.True);
        byte[] hash = new byte[32];
        LongTermCredential.WriteUserHash(Vectors.LongTermUsername, Vectors.LongTermRealm, hash);
        Assert.That(Messages.Parse(Vectors.LongTermSha256Request).TryGetUserHash(out ReadOnlySpan<byte> sent) ? sent.ToArray() : [], Is.EqualTo(hash));
    }

    [Test, Rfc(8489, "9.2.2")]
    public void Quotes_and_trailing_nulls_are_taken_off_before_the_key()
    {
        byte[] expected = new LongTermCredential("user", "pass").DeriveKey("realm", PasswordAlgorithm.Md5).Bytes.ToArray();
        Assert.That(new LongTermCredential("\"user\"", "pass\0\0").DeriveKey("\"realm\"\0", PasswordAlgorithm.Md5).Bytes.ToArray(), Is.EqualTo(expected));
        Assert.That(LongTermCredential.DeriveKey("user", "realm", "pass", PasswordAlgorithm.Md5).Bytes.ToArray(), Is.EqualTo(expected));
    }

    [Test, Rfc(8489, "14.4"), Rfc(8489, "14.3"), Rfc(8489, "14.9")]
    public void Username_realm_and_password_are_brought_into_the_form_of_OpaqueString()
    {
        var credential = new LongTermCredential("a\u00A0b", "c\u3000d");
        Assert.That(credential.Username, Is.EqualTo("a b"));
        byte[] expected = SHA256.HashData("a b:e f:c d"u8);
        Assert.That(credential.DeriveKey("e\u2003f", PasswordAlgorithm.Sha256).Bytes.ToArray(), Is.EqualTo(expected));
        Assert.That(LongTermCredential.DeriveKey("a\u00A0b", "e\u2003f", "c\u3000d", PasswordAlgorithm.Sha256).Bytes.ToArray(), Is.EqualTo(expected));
        byte[] hash = new byte[32];
        LongTermCredential.WriteUserHash("a\u00A0b", "e\u2003f", hash);
        Assert.That(hash, Is.EqualTo(SHA256.HashData("a b:e f"u8)));
        Assert.Throws<ArgumentException>(() => credential.DeriveKey("\u200B", PasswordAlgorithm.Md5));
    }

    [Test]
    public void Misuse_is_refused_at_once_and_the_password_is_not_shown()
    {
        Assert.Throws<ArgumentException>(() => _ = new LongTermCredential("", "x"));
        Assert.Throws<ArgumentException>(() => _ = new LongTermCredential("x", ""));
        Assert.Throws<ArgumentException>(() => _ = new LongTermCredential(new string('x', 509), "x"));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LongTermCredential("x", "y").DeriveKey("z", (PasswordAlgorithm)3));
        Assert.Throws<ArgumentException>(() => LongTermCredential.WriteUserHash("x", "y", new byte[31]));
        Assert.That(new LongTermCredential("x", "very secret").ToString(), Does.Not.Contain("very secret"));
    }
}
