namespace Stun.Tests;

/// <summary>No message allocates.</summary>
internal sealed class AllocationTests
{
    private static readonly StunKey s_key = new("VOkJxbRl1RmTxUk/WvJxBt"u8);
    private static readonly StunAttributeType[] s_known = [StunAttributeType.Username, StunAttributeType.Priority];

    [Test]
    public void Parsing_and_verifying_allocates_nothing() => AssertAllocatesNothing(static () =>
    {
        bool parsed = StunMessage.TryParse(Vectors.Request, out StunMessage message, out _);
        bool right = message.VerifyMessageIntegrity(s_key) && message.VerifyMessageIntegrity("VOkJxbRl1RmTxUk/WvJxBt"u8);
        bool read = message.TryGetUInt32(StunAttributeType.Priority, out _) && message.TryGetUInt64(StunAttributeType.IceControlled, out _);
        foreach (StunAttribute attribute in message)
            read &= attribute.Value.Length < 100;
        return parsed && right && read && message.GetUnknownComprehensionRequired(default, s_known) == 0;
    });

    [Test]
    public void Building_and_signing_allocates_nothing() => AssertAllocatesNothing(static () =>
    {
        Span<byte> buffer = stackalloc byte[512];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, TransactionId.Create(EntropySource.Secure));
        writer.AddText(StunAttributeType.Username, "evtj:h6vY");
        writer.AddText(StunAttributeType.Software, "m\u00FCsli");
        writer.AddUInt32(StunAttributeType.Priority, 1);
        writer.AddEmpty(StunAttributeType.UseCandidate);
        writer.AddXorAddress(StunAttributeType.XorMappedAddress, Messages.Server);
        writer.AddMessageIntegrity(s_key);
        writer.AddMessageIntegritySha256(s_key);
        writer.AddFingerprint();
        return writer.Length > 100;
    });

    [Test]
    public void Refusing_allocates_nothing() => AssertAllocatesNothing(static () =>
    {
        bool parsed = StunMessage.TryParse(Vectors.LongTermSha256RequestAsPrinted, out _, out _);
        _ = StunMessage.TryParse(Vectors.LongTermRequest, out StunMessage message, out _);
        return !parsed && !message.VerifyMessageIntegrity(s_key) && !message.VerifyMessageIntegritySha256(s_key);
    });

    private static void AssertAllocatesNothing(Func<bool> action)
    {
        for (int warmUp = 0; warmUp < 200; warmUp++)
            Assert.That(action(), Is.True);
        bool right = true;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int round = 0; round < 1000; round++)
            right &= action();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(right, Is.True);
        Assert.That(allocated, Is.Zero);
    }
}
