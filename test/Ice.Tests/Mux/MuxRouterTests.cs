using System.Buffers.Binary;
using System.Text;
using Ice.Testing;
using Stun;

namespace Ice.Tests;

public sealed class MuxRouterTests
{
    private static readonly TransportAddress s_peer = TransportAddress.Parse("192.0.2.1", 1000);
    private static readonly TransportAddress s_other = TransportAddress.Parse("192.0.2.2", 1000);
    private static readonly byte[] s_data = [99, 1, 2, 3];

    [Test]
    [Rfc(8445, "7.2.2")]
    public void A_request_is_whose_fragment_its_USERNAME_begins_with()
    {
        MuxRouter<string> router = new();
        router.TryAddUsername("left", "L");
        router.TryAddUsername("lef", "shorter");
        router.TryAddUsername("right", "R");
        Assert.Multiple(() =>
        {
            Assert.That(Route(router, Request("left:right"), s_peer), Is.EqualTo((MuxVerdict.Username, "L")));
            Assert.That(Route(router, Request("right:left"), s_peer), Is.EqualTo((MuxVerdict.Username, "R")));
            Assert.That(Route(router, Request("lef:x"), s_peer), Is.EqualTo((MuxVerdict.Username, "shorter")));
            Assert.That(Route(router, Request("Left:right"), s_peer), Is.EqualTo((MuxVerdict.UnknownUsername, (string?)null)));
            Assert.That(Route(router, Request("left"), s_peer), Is.EqualTo((MuxVerdict.NoUsername, (string?)null)));
            Assert.That(Route(router, Request(":left"), s_peer), Is.EqualTo((MuxVerdict.NoUsername, (string?)null)));
            Assert.That(Route(router, Request(null), s_peer), Is.EqualTo((MuxVerdict.NoUsername, (string?)null)));
            Assert.That(Route(router, Request(new string('x', 500) + ":left"), s_peer), Is.EqualTo((MuxVerdict.UnknownUsername, (string?)null)));
        });
    }

    [Test]
    public void A_request_is_whom_it_names_also_from_the_address_of_another()
    {
        MuxRouter<string> router = new();
        router.TryAddUsername("left", "L");
        router.Claim(s_peer, "R", validated: true);
        Assert.That(Route(router, Request("left:x"), s_peer), Is.EqualTo((MuxVerdict.Username, "L")));
        Assert.That(Route(router, s_data, s_peer), Is.EqualTo((MuxVerdict.Address, "R")));
    }

    [Test]
    public void A_username_fragment_is_one_owners_until_they_give_it_up()
    {
        MuxRouter<string> router = new();
        Assert.That(router.TryAddUsername("left", "L"), Is.True);
        Assert.That(router.TryAddUsername("left", "R"), Is.False);
        router.RemoveUsername("left", "R");
        Assert.That(router.UsernameCount, Is.EqualTo(1));
        router.RemoveUsername("left", "L");
        Assert.That(router.TryAddUsername("left", "R"), Is.True);
    }

    [Test]
    public void A_response_is_whose_request_it_answers_wherever_it_comes_from()
    {
        MuxRouter<string> router = new();
        TransactionId id = TransactionId.Create(EntropySource.Secure);
        router.Claim(s_peer, "R", validated: true);
        Assert.That(Route(router, Response(id), s_peer), Is.EqualTo((MuxVerdict.UnknownTransaction, (string?)null)));
        router.AddTransaction(id, "L");
        Assert.That(Route(router, Response(id), s_peer), Is.EqualTo((MuxVerdict.Transaction, "L")));
        // RFC 8489 §9.1.4: a forged one is as if it had never been received.
        Assert.That(Route(router, Response(id), s_other), Is.EqualTo((MuxVerdict.Transaction, "L")));
    }

    [Test]
    public void The_requests_that_are_remembered_are_bounded_by_the_number_of_names()
    {
        MuxRouter<string> router = new();
        TransactionId first = TransactionId.Create(EntropySource.Secure);
        router.AddTransaction(first, "L");
        for (int i = 0; i < 4095; i++)
            router.AddTransaction(TransactionId.Create(EntropySource.Secure), "L");
        Assert.That(Route(router, Response(first), s_peer).Verdict, Is.EqualTo(MuxVerdict.Transaction));
        for (int i = 0; i < 100_000; i++)
            router.AddTransaction(TransactionId.Create(EntropySource.Secure), "L");
        Assert.That(router.TransactionCount, Is.LessThanOrEqualTo(4096));
        Assert.That(Route(router, Response(first), s_peer).Verdict, Is.EqualTo(MuxVerdict.UnknownTransaction));
    }

    [Test]
    public void Data_and_indications_are_who_has_proved_the_address()
    {
        MuxRouter<string> router = new();
        router.TryAddUsername("left", "L");
        byte[] indication = Message(StunClass.Indication, TransactionId.Create(EntropySource.Secure), "left:x");
        Assert.That(Route(router, s_data, s_peer).Verdict, Is.EqualTo(MuxVerdict.UnknownSource));
        Assert.That(Route(router, indication, s_peer).Verdict, Is.EqualTo(MuxVerdict.UnknownSource));
        router.Claim(s_peer, "L", validated: false);
        Assert.That(Route(router, s_data, s_peer), Is.EqualTo((MuxVerdict.Address, "L")));
        Assert.That(Route(router, indication, s_peer), Is.EqualTo((MuxVerdict.Address, "L")));
        Assert.That(Route(router, s_data, s_peer.WithPort(1001)).Verdict, Is.EqualTo(MuxVerdict.UnknownSource));
        router.Release(s_peer, "L");
        Assert.That(Route(router, s_data, s_peer).Verdict, Is.EqualTo(MuxVerdict.UnknownSource));
        Assert.That(router.AddressCount, Is.Zero);
    }

    [Test]
    public void Who_was_only_asked_from_an_address_does_not_take_it_from_another()
    {
        MuxRouter<string> router = new();
        router.Claim(s_peer, "first", validated: false);
        router.Claim(s_peer, "spoofed", validated: false);
        Assert.That(Route(router, s_data, s_peer), Is.EqualTo((MuxVerdict.Address, "first")));
        router.Claim(s_peer, "first", validated: true);
        router.Claim(s_peer, "again", validated: false);
        Assert.That(Route(router, s_data, s_peer), Is.EqualTo((MuxVerdict.Address, "first")));
        router.Release(s_peer, "first");
        Assert.That(Route(router, s_data, s_peer), Is.EqualTo((MuxVerdict.Address, "spoofed")));
    }

    [Test]
    public void Of_several_who_were_answered_from_an_address_the_last_has_its_data_and_it_is_said()
    {
        MuxRouter<string> router = new();
        Assert.That(router.Claim(s_peer, "old", validated: true), Is.True);
        Assert.That(router.Claim(s_peer, "new", validated: true), Is.False);
        Assert.That(router.Claim(s_peer, "old", validated: true), Is.False, "nothing new was validated");
        Assert.That(Route(router, s_data, s_peer), Is.EqualTo((MuxVerdict.SharedAddress, "new")));
        router.Claim(s_peer, "new", validated: false);
        Assert.That(Route(router, s_data, s_peer), Is.EqualTo((MuxVerdict.Address, "old")));
        router.Release(s_peer, "old");
        router.Release(s_peer, "nobody");
        Assert.That(Route(router, s_data, s_peer), Is.EqualTo((MuxVerdict.Address, "new")));
    }

    [Test]
    public void Whatever_comes_changes_nothing()
    {
        MuxRouter<string> router = new();
        router.TryAddUsername("left", "L");
        router.Claim(s_peer, "L", validated: true);
        Random random = new(1);
        byte[] bytes = new byte[200];
        byte[] request = Request("left:x");
        byte[] response = Response(TransactionId.Create(EntropySource.Secure));
        for (int i = 0; i < 100_000; i++)
        {
            byte[] like = (i & 1) == 0 ? request : response;
            random.NextBytes(bytes);
            like.AsSpan(0, random.Next(like.Length + 1)).CopyTo(bytes);
            // Also what has a right length, so that the attributes are looked at.
            int length = random.Next(bytes.Length + 1) & ~3;
            if (length >= 20)
                BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)(length - 20));
            TransportAddress source = TransportAddress.FromBytes(bytes.AsSpan(0, 4), random.Next(65536));
            _ = router.Route(bytes.AsSpan(0, length), source, out _);
        }

        Assert.That((router.UsernameCount, router.AddressCount, router.TransactionCount), Is.EqualTo((1, 1, 0)));
        Assert.That(Route(router, s_data, s_peer), Is.EqualTo((MuxVerdict.Address, "L")));
    }

    [Test]
    public void What_looks_like_STUN_and_is_none_is_refused()
    {
        MuxRouter<string> router = new();
        router.TryAddUsername("left", "L");
        byte[] request = Request("left:x");
        request[^1] ^= 1;
        Assert.That(Route(router, request, s_peer).Verdict, Is.EqualTo(MuxVerdict.Malformed));
        Assert.That(Route(router, Request("left:x").AsSpan(0, 30), s_peer).Verdict, Is.EqualTo(MuxVerdict.Malformed));
        Assert.That(Route(router, [], s_peer).Verdict, Is.EqualTo(MuxVerdict.UnknownSource));
    }

    [Test]
    public void Nothing_is_allocated_to_find_an_owner()
    {
        MuxRouter<string> router = new();
        TransactionId id = TransactionId.Create(EntropySource.Secure);
        router.TryAddUsername("left", "L");
        router.AddTransaction(id, "L");
        router.Claim(s_peer, "L", validated: true);
        byte[][] datagrams = [s_data, Request("left:x"), Request("none:x"), Request(null), Response(id), Response(TransactionId.Create(EntropySource.Secure))];
        long found = 0;
        long before = 0;
        for (int i = -1000; i < 10_000; i++)
        {
            if (i == 0)
                before = GC.GetAllocatedBytesForCurrentThread();
            foreach (byte[] datagram in datagrams)
            {
                found += router.Route(datagram, s_peer, out _) is null ? 0 : 1;
                router.Route(datagram, s_other, out _);
            }
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(found, Is.EqualTo(3 * 11_000));
    }

    private static (MuxVerdict Verdict, string? Owner) Route(MuxRouter<string> router, ReadOnlySpan<byte> datagram, TransportAddress source)
    {
        string? owner = router.Route(datagram, source, out MuxVerdict verdict);
        return (verdict, owner);
    }

    private static byte[] Request(string? username) => Message(StunClass.Request, TransactionId.Create(EntropySource.Secure), username);

    private static byte[] Response(TransactionId id) => Message(StunClass.SuccessResponse, id, null);

    private static byte[] Message(StunClass messageClass, TransactionId id, string? username)
    {
        StunWriter writer = new(new byte[1000], StunMethod.Binding, messageClass, id);
        if (username is not null)
            writer.Add(StunAttributeType.Username, Encoding.UTF8.GetBytes(username));
        writer.AddFingerprint();
        return writer.Written.ToArray();
    }
}
