namespace Stun.Tests;

/// <summary>No message allocates.</summary>
internal sealed class AllocationTests
{
    private static readonly StunKey s_key = new("VOkJxbRl1RmTxUk/WvJxBt"u8);
    private static readonly StunKey s_systemKey = new("VOkJxbRl1RmTxUk/WvJxBt"u8, usesSystem: true);
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
    public void A_check_of_92_bytes_is_built_parsed_and_verified_without_allocation() => AssertAllocatesNothing(static () =>
    {
        Span<byte> buffer = stackalloc byte[92];
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, Messages.Id);
        writer.AddText(StunAttributeType.Username, "h6vY:evtj");
        writer.AddEmpty(StunAttributeType.UseCandidate);
        writer.AddUInt64(StunAttributeType.IceControlling, 0x932FF9B151263B36);
        writer.AddUInt32(StunAttributeType.Priority, 0x6E7F1EFF);
        writer.AddMessageIntegrity(s_key);
        writer.AddFingerprint();
        return writer.Length == 92 && StunMessage.TryParse(writer.Written, out StunMessage message, out _) && message.HasFingerprint
            && message.VerifyMessageIntegrity(s_key);
    });

    [Test]
    public void The_systems_cryptography_allocates_nothing_either() => AssertAllocatesNothing(static () =>
        StunMessage.TryParse(Vectors.Request, out StunMessage message, out _) && message.VerifyMessageIntegrity(s_systemKey));

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
