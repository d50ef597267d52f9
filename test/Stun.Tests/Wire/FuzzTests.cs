using System.Globalization;

namespace Stun.Tests;

/// <summary>Bytes from the network never throw, and a message that was accepted never fails afterwards.</summary>
internal sealed class FuzzTests
{
    private const int Mutations = 1_000_000;

    private static readonly StunKey s_key = new("VOkJxbRl1RmTxUk/WvJxBt"u8);
    private static readonly LongTermCredential s_credential = new("user", "pass");
    private static readonly ShortTermCredential s_shortTerm = new("evtj:h6vY", Vectors.Password);
    private static readonly LongTermTestServer s_server = new(anonymity: true);
    private static readonly StunAttributeType[] s_types = Enum.GetValues<StunAttributeType>();

    [Test]
    public void A_million_mutations_of_valid_messages_neither_throw_nor_yield_a_broken_message()
    {
        int seed = Environment.GetEnvironmentVariable("STUN_FUZZ_SEED") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : 20260101;
        TestContext.Out.WriteLine($"seed {seed}");
        var random = new Random(seed);
        byte[][] corpus = Corpus();
        byte[] buffer = new byte[4096];
        int accepted = 0;
        int[] errors = new int[Enum.GetValues<StunParseError>().Length];
        for (int round = 0; round < Mutations; round++)
        {
            int length = Mutate(random, corpus[random.Next(corpus.Length)], buffer);
            ReadOnlySpan<byte> datagram = buffer.AsSpan(0, length);
            _ = Demultiplexer.Classify(datagram);
            _ = StunMessage.TryReadLength(datagram, out _);
            bool parsed = StunMessage.TryParse(datagram, out StunMessage message, out StunParseError error);
            if (parsed != (error == StunParseError.None))
                Assert.Fail($"seed {seed}, round {round}: accepted {parsed} with {error}");
            errors[(int)error]++;
            // Checking a key costs more than all the rest: every 64th will do.
            if (parsed && Use(message, accepted++ % 64 == 0) < 0)
                Assert.Fail($"seed {seed}, round {round}: an attribute lies outside its message");
        }

        // The mutations reach both what is accepted and every way to be refused.
        TestContext.Out.WriteLine($"{accepted} accepted; by error: {string.Join(' ', errors)}");
        Assert.That(accepted, Is.GreaterThan(Mutations / 100));
        Assert.That(errors, Is.All.GreaterThan(0));
    }

    [Test]
    public void Random_bytes_neither_throw_nor_yield_a_broken_message()
    {
        var random = new Random(7);
        byte[] buffer = new byte[128];
        for (int round = 0; round < 100_000; round++)
        {
            Span<byte> datagram = buffer.AsSpan(0, random.Next(buffer.Length));
            random.NextBytes(datagram);
            if (StunMessage.TryParse(datagram, out StunMessage message, out _))
                Assert.That(Use(message, verify: true), Is.Not.Negative);
        }
    }

    [Test]
    public void A_message_of_the_greatest_length_is_read_and_a_longer_datagram_is_refused()
    {
        byte[] buffer = new byte[StunMessage.MaxLength + 4];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Indication, Messages.Id);
        writer.Add(StunAttributeType.Data, new byte[65_528]);
        Assert.That(writer.Length, Is.EqualTo(StunMessage.MaxLength));
        Assert.That(Use(Messages.Parse(writer.Written), verify: true), Is.Positive);
        Assert.That(StunMessage.TryParse(buffer, out _, out StunParseError error), Is.False);
        Assert.That(error, Is.EqualTo(StunParseError.BadLength));
    }

    // Calls everything that a message has. Negative when something lies outside the message's bytes.
    private static int Use(StunMessage message, bool verify)
    {
        Span<ushort> types = stackalloc ushort[4];
        int sum = message.Bytes.Length + message.Type.Encode() + message.TransactionId.GetHashCode() % 2;
        int end = 0;
        foreach (StunAttribute attribute in message)
        {
            if (!message.Bytes.Overlaps(attribute.Value, out int offset) && !attribute.Value.IsEmpty)
                return -1;
            if (!attribute.Value.IsEmpty && (offset < end || offset + attribute.Value.Length > message.Bytes.Length))
                return -1;
            end = attribute.Value.IsEmpty ? end : offset + attribute.Value.Length;
            sum += message.TryReadXorAddress(attribute.Value, out _) ? 1 : 0;
            sum += StunAddress.TryRead(attribute.Value, out _) ? 1 : 0;
            sum += PasswordAlgorithmList.TryGetFirstSupported(attribute.Value, out _) | PasswordAlgorithmList.TryReadOne(attribute.Value, out _) ? 1 : 0;
            sum += NonceCookie.TryRead(attribute.Value, out _) ? 1 : 0;
        }

        foreach (StunAttributeType type in s_types)
        {
            if (!message.TryGet(type, out ReadOnlySpan<byte> value))
                continue;
            sum += value.Length;
            sum += message.TryGetAddress(type, out _) ? 1 : 0;
            sum += message.TryGetXorAddress(type, out _) ? 1 : 0;
            sum += message.TryGetUInt32(type, out _) ? 1 : 0;
            sum += message.TryGetUInt64(type, out _) ? 1 : 0;
            sum += message.TryGetText(type, out string text) ? text.Length : 0;
        }

        sum += message.TryGetErrorCode(out int code, out ReadOnlySpan<byte> reason) ? code + reason.Length : 0;
        sum += message.TryGetUnknownAttributes(types, out int count) ? count : 0;
        sum += message.TryGetUserHash(out ReadOnlySpan<byte> hash) ? hash.Length : 0;
        sum += message.TryGetAlternateDomain(out string domain) ? domain.Length : 0;
        sum += message.GetUnknownComprehensionRequired(types, s_types);
        if (verify)
        {
            var client = new LongTermClient(s_credential);
            sum += (int)client.Check(message, default, reliable: false);
            var writer = new StunWriter(stackalloc byte[2048], StunMethod.Allocate, StunClass.Request, message.TransactionId);
            sum += (int)client.Check(message, client.Sign(ref writer), reliable: true);
            sum += s_server.Mechanism.Check(message, Messages.Server, Instant.Zero).ErrorCode;
            sum += s_shortTerm.CheckRequest(message) + (int)s_shortTerm.CheckResponse(message, StunIntegrity.Both, reliable: false);
            sum += message.VerifyMessageIntegrity(s_key) | message.VerifyMessageIntegritySha256(s_key, 16) ? 1 : 0;
            sum += message.VerifyMessageIntegrity("k"u8) | message.VerifyMessageIntegritySha256("k"u8, 16) ? 1 : 0;
        }

        return Math.Max(sum, 0);
    }

    private static byte[][] Corpus()
    {
        byte[] all = new byte[2048];
        var writer = new StunWriter(all, StunMethod.Allocate, StunClass.ErrorResponse, Messages.Id);
        writer.AddErrorCode(StunErrorCode.Unauthenticated);
        writer.AddUnknownAttributes([1, 2, 3]);
        writer.AddText(StunAttributeType.Realm, "example.org");
        writer.AddText(StunAttributeType.Nonce, "obMatJos2gAAAabc");
        writer.Add(StunAttributeType.PasswordAlgorithms, PasswordAlgorithmList.Encode(PasswordAlgorithm.Sha256, PasswordAlgorithm.Md5));
        writer.AddText(StunAttributeType.AlternateDomain, "turn.example.org");
        writer.AddAddress(StunAttributeType.AlternateServer, TransportAddress.Parse("2001:db8::1", 3478));
        writer.Add(StunAttributeType.UserHash, new byte[32]);
        writer.AddMessageIntegrity("k"u8);
        writer.AddMessageIntegritySha256("k"u8, 20);
        byte[] unprotected = writer.Written.ToArray();
        writer.AddFingerprint();
        byte[] classic = Messages.Raw(0x0001, (StunAttributeType.ChangeRequest, new byte[4]));
        classic[4] = 0;
        byte[] notLast = Messages.Raw(0x0001, (StunAttributeType.Fingerprint, null), (StunAttributeType.Software, "x"u8.ToArray()));
        return
        [
            Vectors.Request, Vectors.IPv4Response, Vectors.IPv6Response, Vectors.LongTermRequest, Vectors.LongTermSha256Request,
            unprotected, writer.Written.ToArray(), classic, notLast, Messages.Raw(0x0011),
        ];
    }

    private static int Mutate(Random random, byte[] message, byte[] buffer)
    {
        message.CopyTo(buffer, 0);
        int length = message.Length;
        for (int change = random.Next(4); change >= 0; change--)
        {
            int at = random.Next(length);
            switch (random.Next(8))
            {
                case 0:
                    buffer[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    buffer[at] = (byte)random.Next(256);
                    break;
                case 2:
                    length = Math.Max(1, at);
                    break;
                case 3:
                    int extra = Math.Min(random.Next(64), buffer.Length - length);
                    random.NextBytes(buffer.AsSpan(length, extra));
                    length += extra;
                    break;
                case 4:
                    // Another attribute type or length, where one lies.
                    buffer[Math.Min(length - 1, 20 + (at & ~3))] = (byte)random.Next(256);
                    break;
                case 5:
                    buffer[Math.Min(length - 1, 23 + (at & ~3))] = (byte)random.Next(256);
                    break;
                default:
                    // A right length in the header again, so that the attributes are reached.
                    length = Math.Max(20, length & ~3);
                    buffer[2] = (byte)((length - 20) >> 8);
                    buffer[3] = (byte)(length - 20);
                    break;
            }
        }

        return length;
    }
}
