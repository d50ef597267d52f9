using Ice.Testing;

namespace Stun.Tests;

[Rfc(8489, "9.2"), Rfc(8489, "18.1")]
internal sealed class NonceCookieTests
{
    [TestCase(StunSecurityFeatures.None, "obMatJos2AAAA")]
    [TestCase(StunSecurityFeatures.PasswordAlgorithms, "obMatJos2gAAA")]
    [TestCase(StunSecurityFeatures.UsernameAnonymity, "obMatJos2QAAA")]
    [TestCase(StunSecurityFeatures.PasswordAlgorithms | StunSecurityFeatures.UsernameAnonymity, "obMatJos2wAAA")]
    [TestCase((StunSecurityFeatures)2, "obMatJos2AAAC", Description = "the cookie of RFC 8489 Appendix B.1")]
    public void Features_are_bits_from_the_left_in_base64(StunSecurityFeatures features, string expected)
    {
        byte[] cookie = new byte[NonceCookie.Length];
        NonceCookie.Write(features, cookie);
        Assert.That(System.Text.Encoding.ASCII.GetString(cookie), Is.EqualTo(expected));
        Assert.That(NonceCookie.TryRead([.. cookie, .. "rest"u8], out StunSecurityFeatures read), Is.True);
        Assert.That(read, Is.EqualTo(features));
    }

    [TestCase(""), TestCase("obMatJos2"), TestCase("obMatJos2AAA"), TestCase("obmatjos2AAAA"), TestCase("xobMatJos2AAAA"), TestCase("obMatJos2A*AA"), TestCase("obMatJos2AA==")]
    public void Anything_else_is_no_cookie(string nonce) =>
        Assert.That(NonceCookie.TryRead(System.Text.Encoding.ASCII.GetBytes(nonce), out _), Is.False);

    [Test]
    public void A_destination_that_is_too_short_is_refused() => Assert.Throws<ArgumentException>(() => NonceCookie.Write(default, new byte[12]));
}
