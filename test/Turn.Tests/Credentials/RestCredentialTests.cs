using System.Security.Cryptography;
using System.Text;

namespace Turn.Tests.Credentials;

/// <summary>draft-uberti-behave-turn-rest-00.</summary>
internal sealed class RestCredentialTests
{
    private static readonly DateTimeOffset s_expiry = DateTimeOffset.FromUnixTimeSeconds(1_433_895_918);

    [Test]
    public void The_username_is_the_expiry_and_the_user_and_the_password_their_HMAC()
    {
        RestCredential credential = RestCredential.Create("s3cret"u8, s_expiry, "alice:1");

        Assert.That(credential.Username, Is.EqualTo("1433895918:alice:1"));
#pragma warning disable CA5350 // what the draft names
        Assert.That(credential.Password, Is.EqualTo(Convert.ToBase64String(HMACSHA1.HashData("s3cret"u8, Encoding.UTF8.GetBytes(credential.Username)))));
#pragma warning restore CA5350
        Assert.That(credential.ExpiresAt, Is.EqualTo(s_expiry));
        Assert.That(credential.ToLongTermCredential().Username, Is.EqualTo(credential.Username));
        Assert.That(credential.ToString(), Does.Not.Contain(credential.Password));
    }

    [Test]
    public void A_known_password_is_computed() =>
        // printf '1433895918:ninefingers' | openssl dgst -sha1 -hmac north -binary | base64
        Assert.That(RestCredential.ComputePassword("north"u8, "1433895918:ninefingers"), Is.EqualTo("jy8hTxmOO7UtEKXqSkSlvakPVYA="));

    [Test]
    public void Without_a_user_the_expiry_stands_alone() =>
        Assert.That(RestCredential.Create("s3cret"u8, s_expiry).Username, Is.EqualTo("1433895918"));

    [TestCase("1433895918:alice", 1433895918)]
    [TestCase("1433895918", 1433895918)]
    [TestCase("1433895918:", 1433895918)]
    [TestCase("0:x", 0)]
    public void The_expiry_is_read_from_the_username(string username, long seconds)
    {
        Assert.That(RestCredential.TryGetExpiry(username, out DateTimeOffset expiry), Is.True);
        Assert.That(expiry.ToUnixTimeSeconds(), Is.EqualTo(seconds));
    }

    [TestCase("alice")]
    [TestCase("alice:1433895918")]
    [TestCase("")]
    [TestCase(":x")]
    [TestCase("-1:x")]
    [TestCase(" 1:x")]
    [TestCase("99999999999999999999:x")]
    [TestCase("999999999999:x")]
    public void Another_username_has_no_expiry(string username) => Assert.That(RestCredential.TryGetExpiry(username, out _), Is.False);

    [Test]
    public void Wrong_use_is_refused_at_once()
    {
        Assert.That(static () => RestCredential.Create([], s_expiry), Throws.ArgumentException);
        Assert.That(static () => RestCredential.Create("x"u8, DateTimeOffset.UnixEpoch.AddSeconds(-1)), Throws.ArgumentException);
    }
}
