using Ice.Testing;

namespace Stun.Tests;

[Rfc(7064, "3.1"), Rfc(7065, "3.1")]
internal sealed class StunUriTests
{
    // RFC 7064 Appendix A and RFC 7065 Appendix A, and what goes with them.
    [TestCase("stun:example.org", StunScheme.Stun, "example.org", null, null, 3478, StunTransport.Udp)]
    [TestCase("stuns:example.org", StunScheme.Stuns, "example.org", null, null, 5349, StunTransport.Tcp)]
    [TestCase("stun:example.org:8000", StunScheme.Stun, "example.org", 8000, null, 8000, StunTransport.Udp)]
    [TestCase("turn:example.org", StunScheme.Turn, "example.org", null, null, 3478, StunTransport.Udp)]
    [TestCase("turns:example.org", StunScheme.Turns, "example.org", null, null, 5349, StunTransport.Tcp)]
    [TestCase("turn:example.org:8000", StunScheme.Turn, "example.org", 8000, null, 8000, StunTransport.Udp)]
    [TestCase("turn:example.org?transport=udp", StunScheme.Turn, "example.org", null, StunTransport.Udp, 3478, StunTransport.Udp)]
    [TestCase("turn:example.org?transport=tcp", StunScheme.Turn, "example.org", null, StunTransport.Tcp, 3478, StunTransport.Tcp)]
    [TestCase("turns:example.org?transport=tcp", StunScheme.Turns, "example.org", null, StunTransport.Tcp, 5349, StunTransport.Tcp)]
    [TestCase("turns:example.org:443?transport=udp", StunScheme.Turns, "example.org", 443, StunTransport.Udp, 443, StunTransport.Udp)]
    [TestCase("stun:192.0.2.1:1", StunScheme.Stun, "192.0.2.1", 1, null, 1, StunTransport.Udp)]
    [TestCase("stun:[2001:db8::1]", StunScheme.Stun, "2001:db8::1", null, null, 3478, StunTransport.Udp)]
    [TestCase("turns:[2001:db8::1]:65535?transport=tcp", StunScheme.Turns, "2001:db8::1", 65535, StunTransport.Tcp, 65535, StunTransport.Tcp)]
    [TestCase("stun:xn--bcher-kva.example", StunScheme.Stun, "xn--bcher-kva.example", null, null, 3478, StunTransport.Udp)]
    [TestCase("stun:stun1_a.example.org", StunScheme.Stun, "stun1_a.example.org", null, null, 3478, StunTransport.Udp)]
    public void Good_uris_are_taken_apart_and_put_together_again(
        string text, StunScheme scheme, string host, int? explicitPort, StunTransport? explicitTransport, int port, StunTransport transport)
    {
        Assert.That(StunUri.TryParse(text, out StunUri? uri), Is.True);
        Assert.That(uri!.Scheme, Is.EqualTo(scheme));
        Assert.That(uri.Host, Is.EqualTo(host));
        Assert.That(uri.ExplicitPort, Is.EqualTo(explicitPort));
        Assert.That(uri.ExplicitTransport, Is.EqualTo(explicitTransport));
        Assert.That(uri.Port, Is.EqualTo(port));
        Assert.That(uri.Transport, Is.EqualTo(transport));
        Assert.That(uri.IsTurn, Is.EqualTo(text.StartsWith("turn", StringComparison.Ordinal)));
        Assert.That(uri.IsSecure, Is.EqualTo(scheme is StunScheme.Stuns or StunScheme.Turns));
        Assert.That(uri.ToString(), Is.EqualTo(text));
        Assert.That(StunUri.Parse(uri.ToString()), Is.EqualTo(uri));
    }

    [TestCase("STUN:Example.org", "stun:Example.org"), TestCase("Turns:h?TRANSPORT=UDP", "turns:h?transport=udp"), TestCase("stun:h:", "stun:h"), TestCase("stun:[::1]:", "stun:[::1]"), TestCase("stun:h:03478", "stun:h:3478")]
    [TestCase("stun:example.org.", "stun:example.org.")]
    public void Case_and_empty_ports_do_not_matter(string text, string expected) => Assert.That(StunUri.Parse(text).ToString(), Is.EqualTo(expected));

    [TestCase(""), TestCase("stun"), TestCase("stun:"), TestCase(":example.org"), TestCase("http:example.org"), TestCase("stun://example.org"), TestCase("turn:/x")]
    [TestCase("stun:example.org/"), TestCase("stun:user@example.org"), TestCase("stun:example.org#f"), TestCase(" stun:example.org"), TestCase("stun:example.org ")]
    [TestCase("stun:example.org:0"), TestCase("stun:example.org:65536"), TestCase("stun:example.org:-1"), TestCase("stun:example.org:+1"), TestCase("stun:example.org:x")]
    [TestCase("stun:example.org?transport=udp"), TestCase("stuns:example.org?transport=tcp"), TestCase("turn:example.org?transport=sctp")]
    [TestCase("turn:example.org?transport="), TestCase("turn:example.org?foo=bar"), TestCase("turn:example.org?"), TestCase("turn:example.org?transport=udp&x=1")]
    [TestCase("stun:2001:db8::1"), TestCase("stun:[2001:db8::1"), TestCase("stun:[192.0.2.1]"), TestCase("stun:[fe80::1%251]"), TestCase("stun:[]"), TestCase("stun:[::1]x")]
    [TestCase("stun:a..b"), TestCase("stun:-a"), TestCase("stun:b\u00FCcher.example"), TestCase("stun:999.1.1.1"), TestCase("stun:127.1"), TestCase("stun:%61")]
    public void Bad_uris_are_refused_with_a_reason(string text)
    {
        Assert.That(StunUri.TryParse(text, out StunUri? uri), Is.False);
        Assert.That(uri, Is.Null);
        Assert.That(Assert.Throws<FormatException>(() => StunUri.Parse(text))!.Message, Does.Contain(": "));
    }

    [TestCase("stuns:192.0.2.1"), TestCase("stuns:[2001:db8::1]:5349")]
    [Rfc(8489, "8.1")]
    public void A_stuns_uri_with_an_ip_address_is_refused(string text)
    {
        Assert.That(StunUri.TryParse(text, out _), Is.False);
        Assert.That(Assert.Throws<FormatException>(() => StunUri.Parse(text))!.Message, Does.Contain("certificate"));
        Assert.That(StunUri.TryParse(text.Replace("stuns", "stun", StringComparison.Ordinal), out StunUri? plain), Is.True);
        Assert.That(plain!.IsIPAddress, Is.True);
    }

    [Test]
    public void Null_is_no_uri()
    {
        Assert.That(StunUri.TryParse(null, out _), Is.False);
        Assert.Throws<ArgumentNullException>(() => StunUri.Parse(null!));
    }

    [Test]
    public void No_text_throws_from_TryParse()
    {
        const string Alphabet = "stunr:[]?=/.%@0123456789transpotcdp- \u00E4\0";
        var random = new Random(11);
        Span<char> text = stackalloc char[24];
        for (int round = 0; round < 50_000; round++)
        {
            int length = random.Next(text.Length);
            for (int index = 0; index < length; index++)
                text[index] = Alphabet[random.Next(Alphabet.Length)];
            string candidate = (random.Next(2) == 0 ? "turn:" : "") + text[..length].ToString();
            if (StunUri.TryParse(candidate, out StunUri? uri))
                Assert.That(StunUri.Parse(uri.ToString()), Is.EqualTo(uri), candidate);
        }
    }
}
