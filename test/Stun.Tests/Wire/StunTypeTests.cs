using Ice.Testing;

namespace Stun.Tests;

[Rfc(8489, "5"), Rfc(8489, "A")]
internal sealed class StunTypeTests
{
    [Test]
    public void Every_method_and_class_survives_the_way_through_14_bits()
    {
        var seen = new HashSet<ushort>();
        for (int method = 0; method <= StunType.MaxMethod; method++)
        {
            foreach (StunClass messageClass in Enum.GetValues<StunClass>())
            {
                var type = new StunType((StunMethod)method, messageClass);
                ushort encoded = type.Encode();
                Assert.That(encoded & 0xC000, Is.Zero);
                Assert.That(StunType.Decode(encoded), Is.EqualTo(type));
                Assert.That(seen.Add(encoded), Is.True);
            }
        }

        Assert.That(seen, Has.Count.EqualTo(0x4000));
    }

    [TestCase(StunMethod.Binding, StunClass.Request, 0x0001)]
    [TestCase(StunMethod.Binding, StunClass.Indication, 0x0011)]
    [TestCase(StunMethod.Binding, StunClass.SuccessResponse, 0x0101)]
    [TestCase(StunMethod.Binding, StunClass.ErrorResponse, 0x0111)]
    [TestCase(StunMethod.Allocate, StunClass.ErrorResponse, 0x0113)]
    [TestCase(StunMethod.Data, StunClass.Indication, 0x0017)]
    [TestCase(StunMethod.GoogPing, StunClass.Request, 0x0200)]
    public void Known_types_have_their_known_numbers(StunMethod method, StunClass messageClass, int expected) =>
        Assert.That(new StunType(method, messageClass).Encode(), Is.EqualTo(expected));

    [Test]
    public void A_method_of_more_than_12_bits_is_refused() =>
        Assert.Throws<InvalidOperationException>(() => new StunType((StunMethod)0x1000, StunClass.Request).Encode());
}
