namespace Stun.Tests;

internal sealed class StunKeyTests
{
    [Test]
    public void A_key_does_not_show_itself() => Assert.That(new StunKey("secret!"u8).ToString(), Does.Not.Contain("secret!"));

    [Test]
    public void A_key_is_a_copy_of_the_bytes_it_was_made_of()
    {
        byte[] bytes = [1, 2, 3];
        var key = new StunKey(bytes);
        bytes[0] = 9;
        Assert.That(key.Bytes.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
    }

    [Test]
    public void A_password_is_the_key_of_its_bytes()
    {
        byte[] buffer = new byte[256];
        var key = new StunKey("pässword");
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, Messages.Id);
        writer.AddMessageIntegrity(key);
        writer.AddMessageIntegritySha256(key);
        StunMessage message = Messages.Parse(writer.Written);
        Assert.That(message.VerifyMessageIntegrity("pässword"u8) && message.VerifyMessageIntegritySha256("pässword"u8), Is.True);
        Assert.That(key.Bytes.ToArray(), Is.EqualTo("pässword"u8.ToArray()));
    }

    [Test]
    public void A_kept_key_gives_the_same_as_its_bytes_for_every_length_of_message_and_key()
    {
        byte[] buffer = new byte[4096];
        for (int length = 0; length < 3000; length += 211)
        {
            byte[] keyBytes = new byte[length / 16];
            keyBytes.AsSpan().Fill(3);
            var key = new StunKey(keyBytes);
            var writer = new StunWriter(buffer, StunMethod.Send, StunClass.Indication, Messages.Id);
            writer.Add(StunAttributeType.Data, new byte[length]);
            writer.AddMessageIntegrity(key);
            writer.AddMessageIntegritySha256(keyBytes);
            StunMessage message = Messages.Parse(writer.Written);
            Assert.That(message.VerifyMessageIntegrity(keyBytes) && message.VerifyMessageIntegrity(key), Is.True, $"{length}");
            Assert.That(message.VerifyMessageIntegritySha256(keyBytes) && message.VerifyMessageIntegritySha256(key), Is.True, $"{length}");
        }
    }

    [Test]
    public void Threads_can_share_a_key()
    {
        var key = new StunKey("VOkJxbRl1RmTxUk/WvJxBt"u8);
        int wrong = 0;
        Parallel.For(0, 20_000, _ =>
        {
            if (!StunMessage.TryParse(Vectors.Request, out StunMessage message, out StunParseError _) || !message.VerifyMessageIntegrity(key))
                Interlocked.Increment(ref wrong);
        });
        Assert.That(wrong, Is.Zero);
    }

    [TestCase(4), TestCase(19), TestCase(21), TestCase(0)]
    public void A_MESSAGE_INTEGRITY_of_another_length_than_20_never_verifies(int length)
    {
        StunMessage message = Messages.Parse(Messages.Raw(0x0001, (StunAttributeType.MessageIntegrity, new byte[length])));
        Assert.That(message.VerifyMessageIntegrity("key"u8) || message.VerifyMessageIntegrity(new StunKey("key"u8)), Is.False);
    }
}
