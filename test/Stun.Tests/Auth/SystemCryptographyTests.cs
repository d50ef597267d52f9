namespace Stun.Tests;

/// <summary>A policy can have every HMAC computed by the system's cryptography.</summary>
[NonParallelizable]
internal sealed class SystemCryptographyTests
{
    [TearDown]
    public void Leave_the_switch_off() => AppContext.SetSwitch(SystemCryptography.Switch, false);

    [TestCase(true)]
    [TestCase(false)]
    public void The_switch_says_whether_it_is_required(bool required)
    {
        AppContext.SetSwitch(SystemCryptography.Switch, required);
        Assert.That(SystemCryptography.Read(), Is.EqualTo(required));
    }

    [Test]
    public void The_switch_has_the_name_that_the_documentation_gives_it() => Assert.That(SystemCryptography.Switch, Is.EqualTo("Stun.UseSystemCryptography"));

    [TestCase(true)]
    [TestCase(false)]
    public void Messages_verify_and_are_signed_alike_with_and_without_it(bool required)
    {
        var key = new StunKey("VOkJxbRl1RmTxUk/WvJxBt"u8, required);
        var otherWay = new StunKey("VOkJxbRl1RmTxUk/WvJxBt"u8, !required);
        Assert.That(Messages.Parse(Vectors.Request).VerifyMessageIntegrity(key), Is.True);
        Assert.That(Messages.Parse(Vectors.IPv6Response).VerifyMessageIntegrity(key), Is.True);
        Assert.That(Messages.Parse(Vectors.LongTermRequest).VerifyMessageIntegrity(key), Is.False);

        var writer = new StunWriter(new byte[200], StunMethod.Binding, StunClass.Request, Messages.Id);
        writer.AddText(StunAttributeType.Username, "evtj:h6vY");
        writer.AddMessageIntegrity(key);
        writer.AddMessageIntegritySha256(key);
        writer.AddFingerprint();
        StunMessage message = Messages.Parse(writer.Written);
        Assert.That(message.VerifyMessageIntegrity(otherWay) && message.VerifyMessageIntegritySha256(otherWay), Is.True);
    }

    // The framework's hash has to be made once for a key, and ours never: that tells which one works.
    [TestCase(true)]
    [TestCase(false)]
    public void A_key_uses_what_it_was_told_to(bool required)
    {
        _ = Messages.Parse(Vectors.Request).VerifyMessageIntegrity(new StunKey("VOkJxbRl1RmTxUk/WvJxBt"u8, required));
        var key = new StunKey("VOkJxbRl1RmTxUk/WvJxBt"u8, required);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool right = StunMessage.TryParse(Vectors.Request, out StunMessage message, out _) && message.VerifyMessageIntegrity(key);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(right, Is.True);
        Assert.That(allocated, required ? Is.Positive : Is.Zero);
    }
}
