using System.Text;
using Ice.Testing;
using Stun;

namespace Ice.Server.Tests;

[TestFixture]
internal sealed class BindingResponderTests
{
    private static readonly TransportAddress s_client4 = TransportAddress.Parse("192.0.2.7", 40001);
    private static readonly TransportAddress s_client6 = TransportAddress.Parse("2001:db8::7", 40002);

    private readonly BindingResponder _responder = new("test server");
    private readonly byte[] _response = new byte[BindingResponder.MaxResponseLength];

    [Test]
    [Rfc(8489, "6.3.1.1")]
    public void A_binding_request_is_answered_with_the_address_it_came_from([Values] bool ipv6)
    {
        TransportAddress client = ipv6 ? s_client6 : s_client4;
        StunMessage answer = Ask(Requests.Binding(), client, BindingOutcome.Success);
        Assert.That(answer.Class, Is.EqualTo(StunClass.SuccessResponse));
        Assert.That(answer.Method, Is.EqualTo(StunMethod.Binding));
        Assert.That(answer.TransactionId, Is.EqualTo(Requests.TransactionId));
        Assert.That(answer.TryGetXorAddress(StunAttributeType.XorMappedAddress, out TransportAddress mapped), Is.True);
        Assert.That(mapped, Is.EqualTo(client));
        Assert.That(answer.TryGet(StunAttributeType.Software, out ReadOnlySpan<byte> software), Is.True);
        Assert.That(Encoding.UTF8.GetString(software), Is.EqualTo("test server"));
    }

    [Test]
    [Rfc(8489, "7")]
    public void Fingerprint_comes_back_exactly_when_the_request_had_it([Values] bool fingerprint) =>
        Assert.That(Ask(Requests.Binding(fingerprint), s_client4, BindingOutcome.Success).HasFingerprint, Is.EqualTo(fingerprint));

    [Test]
    [Rfc(8489, "6.3.1")]
    public void Unknown_comprehension_required_attributes_are_answered_with_420_and_their_list()
    {
        StunMessage answer = Ask(Requests.Binding(fingerprint: true, 0x7777, 0x0003), s_client4, BindingOutcome.UnknownAttributes);
        Assert.That(answer.Class, Is.EqualTo(StunClass.ErrorResponse));
        Assert.That(answer.TryGetErrorCode(out int code, out _), Is.True);
        Assert.That(code, Is.EqualTo(420));
        Assert.That(answer.TryGet(StunAttributeType.UnknownAttributes, out ReadOnlySpan<byte> types), Is.True);
        Assert.That(types.ToArray(), Is.EqualTo(new byte[] { 0x77, 0x77, 0x00, 0x03 }));
        Assert.That(answer.HasFingerprint, Is.True);
        Assert.That(answer.Has(StunAttributeType.XorMappedAddress), Is.False);
    }

    [Test]
    [Rfc(8489, "14")]
    public void Unknown_comprehension_optional_attributes_change_nothing() =>
        Assert.That(Ask(Requests.Binding(false, 0x8000, 0xC057, 0xFFFF), s_client4, BindingOutcome.Success).Class, Is.EqualTo(StunClass.SuccessResponse));

    [Test]
    public void A_request_full_of_unknown_attributes_gets_a_short_answer()
    {
        ushort[] types = [.. Enumerable.Range(0x7000, 100).Select(t => (ushort)t)];
        byte[] request = Requests.Binding(false, types);
        Assert.That(Ask(request, s_client4, BindingOutcome.UnknownAttributes).Bytes.Length, Is.LessThan(request.Length));
    }

    [TestCase(StunMethod.Binding, StunClass.Indication, BindingOutcome.Indication)]
    [TestCase(StunMethod.Send, StunClass.Indication, BindingOutcome.Indication)]
    [TestCase(StunMethod.Binding, StunClass.SuccessResponse, BindingOutcome.UnexpectedResponse)]
    [TestCase(StunMethod.Binding, StunClass.ErrorResponse, BindingOutcome.UnexpectedResponse)]
    [TestCase(StunMethod.Allocate, StunClass.Request, BindingOutcome.UnsupportedMethod)]
    [Rfc(8489, "6.3")]
    public void What_is_no_binding_request_is_never_answered(StunMethod method, StunClass messageClass, BindingOutcome expected) =>
        Ignored(Requests.Make(method, messageClass), expected);

    [Test]
    [Rfc(8489, "6.3")]
    public void A_wrong_fingerprint_is_discarded()
    {
        byte[] request = Requests.Binding(fingerprint: true);
        request[^1] ^= 1;
        Ignored(request, BindingOutcome.BadFingerprint);
    }

    [Test]
    public void A_request_of_RFC_3489_is_discarded()
    {
        byte[] request = Requests.Binding();
        request.AsSpan(4, 4).Fill(0x55);
        Ignored(request, BindingOutcome.Rfc3489);
    }

    [TestCase("", BindingOutcome.Malformed)]
    [TestCase("00", BindingOutcome.Malformed)]
    [TestCase("16FEFD0000000000000000000000000000000000000000", BindingOutcome.NotStun)]
    [TestCase("000100042112A4420102030405060708090A0B0C", BindingOutcome.Malformed)]
    [TestCase("000100032112A4420102030405060708090A0B0C000000", BindingOutcome.Malformed)]
    [TestCase("000100042112A4420102030405060708090A0B0C0006FFFF", BindingOutcome.Malformed)]
    public void What_is_not_well_formed_is_discarded(string hex, BindingOutcome expected) => Ignored(Convert.FromHexString(hex), expected);

    [TestCase("192.0.2.7", 0)]
    [TestCase("0.0.0.0", 1)]
    [TestCase("224.0.0.251", 5353)]
    [TestCase("ff02::1", 5353)]
    public void A_source_that_cannot_be_answered_is_refused(string address, int port)
    {
        int length = _responder.Respond(Requests.Binding(), TransportAddress.Parse(address, port), _response, out BindingOutcome outcome);
        Assert.That(outcome, Is.EqualTo(BindingOutcome.UnusableSource));
        Assert.That(length, Is.Zero);
    }

    [Test]
    public void Random_and_damaged_datagrams_never_throw()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        byte[] good = Requests.Binding(fingerprint: true, 0x7777, 0x8000);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] datagram = i % 2 == 0 ? [.. good[..random.Next(good.Length + 1)]] : new byte[random.Next(200)];
            if (i % 2 != 0)
                random.NextBytes(datagram);
            else if (datagram.Length > 0)
                datagram[random.Next(datagram.Length)] ^= (byte)(1 << random.Next(8));
            int length = _responder.Respond(datagram, s_client4, _response, out BindingOutcome outcome);
            Assert.That(length > 0, Is.EqualTo(outcome is BindingOutcome.Success or BindingOutcome.UnknownAttributes));
        }
    }

    [Test]
    [Rfc(8489, "14.14")]
    public void Software_is_limited_to_127_characters_and_may_be_left_out()
    {
        Assert.That(() => new BindingResponder(new string('x', 128)), Throws.ArgumentException.With.Message.Contains("127"));
        Assert.That(new BindingResponder(new string('€', 127)).Respond(Requests.Binding(fingerprint: true, 0x7777), s_client6, _response, out _), Is.GreaterThan(400));
        int length = new BindingResponder(null).Respond(Requests.Binding(), s_client4, _response, out _);
        Assert.That(StunMessage.TryParse(_response.AsSpan(0, length), out StunMessage answer, out _), Is.True);
        Assert.That(answer.Has(StunAttributeType.Software), Is.False);
    }

    [Test]
    public void A_response_buffer_that_may_be_too_short_is_refused_at_once() =>
        Assert.That(() => _responder.Respond(Requests.Binding(), s_client4, new byte[100], out _), Throws.ArgumentException.With.Message.Contains("1024"));

    [Test]
    public void Answering_allocates_nothing()
    {
        byte[][] requests = [Requests.Binding(), Requests.Binding(true), Requests.Binding(true, 0x7777), Requests.Make(StunMethod.Allocate, StunClass.Request), [1, 2, 3]];
        Answer(requests, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Answer(requests, 10_000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private void Answer(byte[][] requests, int times)
    {
        for (int i = 0; i < times; i++)
        {
            foreach (byte[] request in requests)
                _ = _responder.Respond(request, s_client6, _response, out _);
        }
    }

    private StunMessage Ask(byte[] request, TransportAddress source, BindingOutcome expected)
    {
        int length = _responder.Respond(request, source, _response, out BindingOutcome outcome);
        Assert.That(outcome, Is.EqualTo(expected));
        Assert.That(StunMessage.TryParse(_response.AsSpan(0, length), out StunMessage answer, out StunParseError error), Is.True, error.ToString());
        return answer;
    }

    private void Ignored(byte[] datagram, BindingOutcome expected)
    {
        int length = _responder.Respond(datagram, s_client4, _response, out BindingOutcome outcome);
        Assert.That(outcome, Is.EqualTo(expected));
        Assert.That(length, Is.Zero);
    }
}
