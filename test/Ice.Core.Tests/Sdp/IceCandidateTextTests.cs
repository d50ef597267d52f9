using System.Globalization;
using System.Net;
using System.Text;
using Ice.Testing;
using Stun;

namespace Ice.Core.Tests.Sdp;

[Rfc(8839, "5.1")]
internal sealed class IceCandidateTextTests
{
    // Lines as peers write them; each must come back byte for byte.
    private static readonly string[] s_peers =
    [
        // RFC 8839 §5.1, RFC 8838 §9, RFC 6544 appendix C, RFC 9725 §4.3.2
        "candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998",
        "candidate:1 1 UDP 2130706431 2001:db8::1 5000 typ host ufrag 8hhY",
        "candidate:1 1 TCP 2128609279 10.0.1.1 9 typ host tcptype active",
        "candidate:3 1 TCP 2120220671 10.0.1.1 8999 typ host tcptype so",
        "candidate:5 1 TCP 1692401663 192.0.2.1 9 typ srflx raddr 10.0.1.1 rport 8998 tcptype passive",
        "candidate:1387637174 1 udp 2122260223 192.0.2.1 61764 typ host generation 0 ufrag EsAw network-id 1",
        // Chrome
        "candidate:842163049 1 udp 1677729535 203.0.113.7 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag sXP5 network-cost 999",
        "candidate:3885250869 1 udp 2113937151 4b6f8d1e-9c57-4f5c-8a54-1ef3a6c6a1c2.local 53124 typ host generation 0 ufrag sXP5 network-cost 999",
        "candidate:1510613869 1 tcp 1518280447 192.168.1.5 9 typ host tcptype active generation 0 ufrag sXP5 network-id 1 network-cost 10",
        // Firefox
        "candidate:0 1 UDP 2122252543 7d2b1c36-7a25-44e2-a62c-1c3d3c4d8f5e.local 57320 typ host",
        "candidate:2 1 TCP 2105524479 192.0.2.9 9 typ host tcptype active",
        // libnice, aioice, pion, libjuice, SIPSorcery, mediasoup
        "candidate:1 1 UDP 2015363327 192.0.2.10 39171 typ host",
        "candidate:b07aa6b5c3b9a1a7a1c3a5e5b5a5c5d5 1 udp 2130706431 192.0.2.11 40001 typ host",
        "candidate:2930000231 1 udp 2130706431 fd00::2 51234 typ host ufrag QxYvKzTqPmRsWnLd",
        "candidate:1 1 UDP 2122317823 192.0.2.12 45000 typ host",
        "candidate:1390596646 1 udp 1880747346 192.0.2.13 56000 typ host generation 0",
        "candidate:udpcandidate 1 udp 1076302079 198.51.100.4 44444 typ host",
        // Oddities that the text keeps
        "candidate:1 001 UDP 0000000126 192.0.2.14 00080 TYP HOST",
        "candidate:1 1 udp 126 2001:DB8:0:0::1 80 typ host",
        "candidate:1 1 udp 126 ::ffff:192.0.2.1 80 typ host",
        "candidate:1 1  udp 126 192.0.2.15 80 typ host ",
        "candidate:1 1 udp 126 192.0.2.16 80 typ srflx",
        "candidate:1 1 udp 126 192.0.2.16 80 typ relay raddr some.local rport 7",
        "candidate:1 1 udp 126 192.0.2.16 80 typ srflx rport 7",
        "candidate:1 1 udp 126 192.0.2.17 80 typ host raddr 192.0.2.18 rport 81",
        "candidate:1 1 udp 126 192.0.2.17 80 typ host empty  next x",
        "candidate:1 1 udp 126 192.0.2.17 80 typ host lonely",
        "candidate:1 1 tcp 126 192.0.2.17 80 typ host generation 0 tcptype passive",
        "candidate:1 1 tcp 126 192.0.2.17 80 typ host tcptype sideways",
        "candidate:1 1 dccp 126 192.0.2.17 80 typ host",
        "candidate:1 1 ssltcp 126 192.0.2.17 443 typ host generation 0",
    ];

    [TestCaseSource(nameof(s_peers))]
    public void What_a_peer_wrote_comes_back_byte_for_byte(string text)
    {
        var candidate = IceCandidate.Parse(text);

        Assert.That(candidate.ToString(), Is.EqualTo(text));
        Assert.That(candidate.Validate(), Is.Null);
        // And the canonical text, which a copy falls back to, says the same (but for a related address where none, or none is allowed).
        IceCandidate copy = candidate with { Foundation = "other" };
        Assert.That(IceCandidate.Parse(copy.ToString()) with { RelatedAddress = copy.RelatedAddress }, Is.EqualTo(copy));
    }

    [TestCaseSource(nameof(s_peers))]
    public void Every_prefix_is_accepted(string text)
    {
        var expected = IceCandidate.Parse(text);

        Assert.That(IceCandidate.Parse(text["candidate:".Length..]), Is.EqualTo(expected));
        Assert.That(IceCandidate.Parse("a=" + text + "\r\n"), Is.EqualTo(expected));
        Assert.That(IceCandidate.Parse("a=" + text + "\r\n").ToString(), Is.EqualTo(text));
        Assert.That(IceCandidate.Parse("A=CANDIDATE:" + text["candidate:".Length..]), Is.EqualTo(expected));
    }

    [Test]
    public void The_example_of_the_RFC_has_these_fields()
    {
        var candidate = IceCandidate.Parse("a=candidate:2 1 UDP 1694498815 192.0.2.3 45664 typ srflx raddr 203.0.113.141 rport 8998");

        Assert.That(candidate.Foundation, Is.EqualTo("2"));
        Assert.That(candidate.Component, Is.EqualTo(1));
        Assert.That(candidate.Transport, Is.EqualTo(IceTransport.Udp));
        Assert.That(candidate.TransportToken, Is.EqualTo("UDP"));
        Assert.That(candidate.Priority, Is.EqualTo(1694498815));
        Assert.That(candidate.Address, Is.EqualTo(TransportAddress.Parse("192.0.2.3", 45664)));
        Assert.That(candidate.Port, Is.EqualTo(45664));
        Assert.That(candidate.Type, Is.EqualTo(IceCandidateType.ServerReflexive));
        Assert.That(candidate.RelatedAddress, Is.EqualTo(TransportAddress.Parse("203.0.113.141", 8998)));
        Assert.That(candidate.Extensions, Is.Empty);
        Assert.That(candidate.EndPoint, Is.EqualTo(new IPEndPoint(IPAddress.Parse("192.0.2.3"), 45664)));
    }

    [TestCase("udp", IceTransport.Udp)]
    [TestCase("UDP", IceTransport.Udp)]
    [TestCase("Tcp", IceTransport.Tcp)]
    [TestCase("dccp", IceTransport.Other)]
    public void The_transport_token_is_read_in_any_case(string token, IceTransport expected) =>
        Assert.That(IceCandidate.Parse($"1 1 {token} 1 192.0.2.1 1 typ host").Transport, Is.EqualTo(expected));

    [Test]
    [Rfc(6544, "4.5")]
    public void The_tcp_type_is_read_wherever_it_stands_and_is_no_extension()
    {
        var candidate = IceCandidate.Parse("1 1 tcp 1 192.0.2.1 9 typ host generation 0 tcptype active ufrag abcd");

        Assert.That(candidate.TcpType, Is.EqualTo(IceTcpType.Active));
        Assert.That(candidate.Extensions, Is.EqualTo(new IceCandidateExtension[] { new("generation", "0"), new("ufrag", "abcd") }));
        Assert.That(candidate.UsernameFragment, Is.EqualTo("abcd"));
        Assert.That((candidate with { Foundation = "2" }).ToString(), Is.EqualTo("candidate:2 1 tcp 1 192.0.2.1 9 typ host tcptype active generation 0 ufrag abcd"));
    }

    [Test]
    public void An_extension_value_may_be_empty()
    {
        var candidate = IceCandidate.Parse("1 1 udp 1 192.0.2.1 9 typ host empty  next x");

        Assert.That(candidate.Extensions, Is.EqualTo(new IceCandidateExtension[] { new("empty", ""), new("next", "x") }));
    }

    [Test]
    public void A_name_stands_in_for_the_address_and_hides_it()
    {
        var candidate = IceCandidate.Parse("1 1 udp 1 host.local 5000 typ host");

        Assert.That(candidate.HostName, Is.EqualTo("host.local"));
        Assert.That(candidate.Address.IsNone, Is.True);
        Assert.That(candidate.EndPoint, Is.EqualTo(new DnsEndPoint("host.local", 5000)));
        IceCandidate resolved = candidate with { Address = TransportAddress.Parse("192.0.2.1", 5000) };
        Assert.That(resolved.ToString(), Is.EqualTo("candidate:1 1 udp 1 host.local 5000 typ host"));
    }

    [Test]
    public void A_zone_is_never_written()
    {
        const string Text = "candidate:1 1 udp 1 fe80::1 5000 typ host";
        TransportAddress zoned = TransportAddress.FromIPAddress(new IPAddress(IPAddress.Parse("fe80::1").GetAddressBytes(), 3), 5000);

        Assert.That((IceCandidate.Parse(Text) with { Address = zoned }).ToString(), Is.EqualTo(Text));
        Assert.That(IceCandidate.Parse("1 1 udp 1 fe80::1%eth0 5000 typ host").ToString(), Is.EqualTo(Text));
        Assert.That(IceCandidate.Parse("1 1 udp 1 fe80::1%7 5000 typ host").Address, Is.EqualTo(TransportAddress.Parse("fe80::1", 5000)));
        Assert.That(IceCandidate.Parse("1 1 udp 1 2001:db8::1 5 typ srflx raddr fe80::1%eth0 rport 5").ToString(), Does.EndWith("raddr fe80::1 rport 5"));
    }

    [Test]
    public void A_reflexive_candidate_without_a_related_address_is_written_with_the_one_that_reveals_nothing()
    {
        var candidate = new IceCandidate { Foundation = "1", Priority = 1, Type = IceCandidateType.ServerReflexive, Address = TransportAddress.Parse("192.0.2.1", 7) };

        Assert.That(candidate.ToString(), Is.EqualTo("candidate:1 1 udp 1 192.0.2.1 7 typ srflx raddr 0.0.0.0 rport 9"));
        Assert.That((candidate with { Address = TransportAddress.Parse("2001:db8::1", 7) }).ToString(), Does.EndWith("typ srflx raddr :: rport 9"));
        Assert.That((candidate with { Type = IceCandidateType.Host, RelatedAddress = candidate.Address }).ToString(), Does.EndWith("typ host"));
    }

    [TestCase("", "candidate:")]
    [TestCase("   ", "candidate:")]
    [TestCase("candidate:", "foundation:")]
    [TestCase("hel!o 1 udp 1 192.0.2.1 1 typ host", "foundation:")]
    [TestCase("123456789012345678901234567890123 1 udp 1 192.0.2.1 1 typ host", "foundation:")]
    [TestCase("1 0 udp 1 192.0.2.1 1 typ host", "component:")]
    [TestCase("1 257 udp 1 192.0.2.1 1 typ host", "component:")]
    [TestCase("1 0001 udp 1 192.0.2.1 1 typ host", "component:")]
    [TestCase("1 -1 udp 1 192.0.2.1 1 typ host", "component:")]
    [TestCase("1 1 u(p 1 192.0.2.1 1 typ host", "transport:")]
    [TestCase("1 1 udp 0 192.0.2.1 1 typ host", "priority:")]
    [TestCase("1 1 udp 2147483648 192.0.2.1 1 typ host", "priority:")]
    [TestCase("1 1 udp 99999999999 192.0.2.1 1 typ host", "priority:")]
    [TestCase("1 1 udp 1 192.0.2.256 1 typ host", "connection-address:")]
    [TestCase("1 1 udp 1 192.0.2 1 typ host", "connection-address:")]
    [TestCase("1 1 udp 1 010.0.0.1 1 typ host", "connection-address:")]
    [TestCase("1 1 udp 1 0x7f000001 1 typ host", "connection-address:")]
    [TestCase("1 1 udp 1 2001:db8::g 1 typ host", "connection-address:")]
    [TestCase("1 1 udp 1 200a0b:12f0::1 1 typ host", "connection-address:")]
    [TestCase("1 1 udp 1 [2001:db8::1] 1 typ host", "connection-address:")]
    [TestCase("1 1 udp 1 2001:db8::1/64 1 typ host", "connection-address:")]
    [TestCase("1 1 udp 1 bad_char$.local 1 typ host", "connection-address:")]
    [TestCase("1 1 udp 1 192.0.2.1 65536 typ host", "port:")]
    [TestCase("1 1 udp 1 192.0.2.1 -1 typ host", "port:")]
    [TestCase("1 1 udp 1 192.0.2.1", "port:")]
    [TestCase("1 1 udp 1 192.0.2.1 1", "typ:")]
    [TestCase("1 1 udp 1 192.0.2.1 1 host", "typ:")]
    [TestCase("1 1 udp 1 192.0.2.1 1 typ", "candidate type:")]
    [TestCase("1 1 udp 1 192.0.2.1 1 typ local", "candidate type:")]
    [TestCase("1 1 udp 1 192.0.2.1 1 typ srflx raddr", "raddr:")]
    [TestCase("1 1 udp 1 192.0.2.1 1 typ srflx raddr 300.1.1.1 rport 1", "raddr:")]
    [TestCase("1 1 udp 1 192.0.2.1 1 typ srflx raddr 192.0.2.1 rport x", "rport:")]
    [TestCase("1 1 udp 1 192.0.2.1 1 typ host na\u0001me value", "extension")]
    [TestCase("1 1 udp 1 192.0.2.1 1 typ host name val\u00fce", "extension")]
    [TestCase("1 1 udp 1 192.0.2.1 1 typ host name x\r\na=ice-lite", "extension")]
    public void A_refusal_names_the_field(string text, string field)
    {
        Assert.That(IceCandidate.TryParse(text, out IceCandidate? candidate, out string? error), Is.False);
        Assert.That(candidate, Is.Null);
        Assert.That(error, Does.StartWith(field));
        Assert.That(error, Does.Not.Contain("\n").And.Not.Contain("\u0001"));
        Assert.That(() => IceCandidate.Parse(text), Throws.TypeOf<FormatException>().With.Message.EqualTo(error));
    }

    [Test]
    public void A_text_beyond_the_limit_is_refused()
    {
        string text = "1 1 udp 1 192.0.2.1 1 typ host x " + new string('y', IceCandidate.MaxTextLength);

        Assert.That(IceCandidate.TryParse(text, out _, out string? error), Is.False);
        Assert.That(error, Does.Contain("2048"));
    }

    [Test]
    public void Null_is_misuse_for_Parse_and_no_candidate_for_TryParse()
    {
        Assert.That(() => IceCandidate.Parse(null!), Throws.ArgumentNullException);
        Assert.That(IceCandidate.TryParse(null, out _), Is.False);
        Assert.That(TryParseAs<IceCandidate>(null, out _), Is.False);
    }

    [Test]
    public void The_interfaces_of_the_framework_read_and_write_it()
    {
        const string Text = "candidate:1 1 udp 1 192.0.2.1 1 typ host";
        Assert.That(TryParseAs(Text, out IceCandidate? candidate), Is.True);

        Span<char> characters = stackalloc char[64];
        Assert.That(((ISpanFormattable)candidate!).TryFormat(characters, out int written, default, null), Is.True);
        Assert.That(characters[..written].ToString(), Is.EqualTo(Text));
        Span<byte> bytes = stackalloc byte[64];
        Assert.That(((IUtf8SpanFormattable)candidate).TryFormat(bytes, out written, default, null), Is.True);
        Assert.That(Encoding.ASCII.GetString(bytes[..written]), Is.EqualTo(Text));
        Assert.That(((ISpanFormattable)candidate).TryFormat(characters[..5], out written, default, null), Is.False);
        Assert.That(written, Is.Zero);
        Assert.That(string.Create(CultureInfo.InvariantCulture, $"{candidate}"), Is.EqualTo(Text));
    }

    [Test]
    public void Candidates_are_equal_when_they_say_the_same()
    {
        var one = IceCandidate.Parse("candidate:1 1 udp 1 2001:db8::1 1 typ host ufrag x");
        var other = IceCandidate.Parse("a=candidate:1 01 UDP 1 2001:DB8:0::1 1 typ HOST ufrag x");

        Assert.That(other, Is.EqualTo(one));
        Assert.That(other.GetHashCode(), Is.EqualTo(one.GetHashCode()));
        Assert.That(other with { Extensions = [] }, Is.Not.EqualTo(one));
    }

    [Test]
    public void A_candidate_put_together_by_hand_is_validated_with_the_field_named()
    {
        var good = new IceCandidate { Foundation = "1", Priority = 1, Type = IceCandidateType.Host, Address = TransportAddress.Parse("192.0.2.1", 7) };

        Assert.That(good.Validate(), Is.Null);
        Assert.That((good with { Foundation = "a b" }).Validate(), Does.StartWith("foundation:"));
        Assert.That((good with { Component = 0 }).Validate(), Does.StartWith("component:"));
        Assert.That((good with { Transport = IceTransport.Other }).Validate(), Does.StartWith("transport:"));
        Assert.That((good with { Priority = 0 }).Validate(), Does.StartWith("priority:"));
        Assert.That((good with { Address = default }).Validate(), Does.StartWith("connection-address:"));
        Assert.That((good with { HostName = "a b" }).Validate(), Does.StartWith("connection-address:"));
        Assert.That((good with { Address = default, HostName = "a.local", Port = 65536 }).Validate(), Does.StartWith("port:"));
        Assert.That((good with { Extensions = [new("x", "1\r\na=ice-lite")] }).Validate(), Does.StartWith("extension"));
        Assert.That((good with { Transport = IceTransport.Tcp, TcpType = IceTcpType.Passive }).ToString(), Is.EqualTo("candidate:1 1 tcp 1 192.0.2.1 7 typ host tcptype passive"));
    }

    private static bool TryParseAs<T>(string? text, out T? value)
        where T : ISpanParsable<T> => T.TryParse(text, CultureInfo.InvariantCulture, out value) && T.TryParse(text.AsSpan(), CultureInfo.InvariantCulture, out value);
}
