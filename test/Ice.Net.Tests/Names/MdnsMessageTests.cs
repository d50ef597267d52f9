using System.Buffers.Binary;
using System.Net;
using Ice.Testing;

namespace Ice.Net.Tests;

[Rfc(6762, "5.1")]
[Rfc(6762, "6.7")]
public sealed class MdnsMessageTests
{
    private const string Name = "0b1c2d3e.local";

    [Test]
    public void The_question_asks_for_both_address_types_of_the_name()
    {
        byte[] buffer = new byte[MdnsMessage.MaxQueryLength];
        int length = MdnsMessage.WriteQuery(buffer, 0x1234, Name);
        Assert.That(Convert.ToHexString(buffer, 0, length), Is.EqualTo(
            "1234" + "0000" + "0002" + "0000" + "0000" + "0000"
            + "08" + "3062316332643365" + "05" + "6C6F63616C" + "00" + "0001" + "0001"
            + "C00C" + "001C" + "0001"));
    }

    [Test]
    public void The_longest_name_fits()
    {
        string longest = string.Join('.', Enumerable.Repeat(new string('a', 61), 4)) + ".local";
        Assert.That(longest, Has.Length.EqualTo(253));
        Assert.That(MdnsMessage.IsValidName(longest), Is.True);
        Assert.That(() => MdnsMessage.WriteQuery(new byte[MdnsMessage.MaxQueryLength], 1, longest), Throws.Nothing);
    }

    [TestCase("", false)]
    [TestCase("a..local", false)]
    [TestCase("ä.local", false)]
    [TestCase("a.local.", true)]
    [TestCase("printer.local", true)]
    public void Only_names_that_can_be_written_are_asked_for(string name, bool valid) => Assert.That(MdnsMessage.IsValidName(name), Is.EqualTo(valid));

    [TestCase("a.local", true)]
    [TestCase("A.LOCAL.", true)]
    [TestCase("local.example.org", false)]
    [TestCase("notlocal", false)]
    public void Names_below_local_are_multicast_names(string name, bool local) => Assert.That(MdnsMessage.IsLocalName(name), Is.EqualTo(local));

    [Test]
    public void Addresses_of_the_name_are_read_whatever_its_case()
    {
        byte[] answer = DnsAnswer.Make(7, Name.ToUpperInvariant(), IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1"));
        Assert.That(MdnsMessage.ReadAddresses(answer, 7, Name), Is.EqualTo(new[] { IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1") }));
    }

    [Test]
    public void Answers_to_other_questions_are_no_answers()
    {
        byte[] answer = DnsAnswer.Make(7, Name, IPAddress.Parse("192.0.2.1"));
        Assert.That(MdnsMessage.ReadAddresses(answer, 8, Name), Is.Empty, "another id");
        Assert.That(MdnsMessage.ReadAddresses(answer, 7, "other.local"), Is.Empty, "another name");

        byte[] question = (byte[])answer.Clone();
        question[2] = 0;
        Assert.That(MdnsMessage.ReadAddresses(question, 7, Name), Is.Empty, "a question");

        byte[] failure = (byte[])answer.Clone();
        failure[3] = 3;
        Assert.That(MdnsMessage.ReadAddresses(failure, 7, Name), Is.Empty, "an error");
    }

    [Test]
    public void A_name_that_points_at_itself_ends()
    {
        byte[] answer = DnsAnswer.Make(7, Name, IPAddress.Parse("192.0.2.1"));
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(12), 0xC00C);
        Assert.That(MdnsMessage.ReadAddresses(answer, 7, Name), Is.Empty);
    }

    [Test]
    public void Every_beginning_and_every_mutation_of_an_answer_is_read_without_an_exception()
    {
        int seed = Environment.TickCount;
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        byte[] answer = DnsAnswer.Make(7, Name, IPAddress.Parse("192.0.2.1"), IPAddress.Parse("2001:db8::1"));
        for (int length = 0; length < answer.Length; length++)
            MdnsMessage.ReadAddresses(answer.AsSpan(0, length), 7, Name);
        for (int i = 0; i < 20_000; i++)
        {
            byte[] mutated = (byte[])answer.Clone();
            for (int j = random.Next(1, 5); j > 0; j--)
                mutated[random.Next(mutated.Length)] = (byte)random.Next(256);
            MdnsMessage.ReadAddresses(mutated, 7, Name);
        }

        Assert.That(MdnsMessage.ReadAddresses(answer, 7, Name), Has.Count.EqualTo(2));
    }
}
