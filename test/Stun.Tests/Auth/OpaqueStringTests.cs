using System.Text;
using Ice.Testing;

namespace Stun.Tests;

[Rfc(8265, "4.2")]
internal sealed class OpaqueStringTests
{
    [TestCase("user"), TestCase("a b"), TestCase("~!@#$%^&*()\"\\"), TestCase("\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9"), TestCase("p\u00E4ssw\u00F6rd")]
    [TestCase("\U0001F600"), TestCase("\u03C3\u03C2"), TestCase("\u2168"), TestCase("col\u00B7lecci\u00F3"), TestCase("\u0915\u094D\u200D\u0937")]
    public void What_is_in_the_profiles_form_stays_as_it_is(string text) => Assert.That(OpaqueString.Enforce(text), Is.EqualTo(text));

    [TestCase("a\u00A0b"), TestCase("a\u2003b"), TestCase("a\u3000b"), TestCase("a\u1680b"), TestCase("a\u202Fb")]
    public void A_space_that_is_not_ascii_becomes_one_that_is(string text) => Assert.That(OpaqueString.Enforce(text), Is.EqualTo("a b"));

    [Test]
    public void Text_is_brought_into_form_c()
    {
        // Where the process cannot normalize, the text stays as it is: the documented limit.
        bool canNormalize = "e\u0301".Normalize(NormalizationForm.FormC).Length == 1;
        TestContext.Out.WriteLine($"globalization data: {canNormalize}");
        Assert.That(OpaqueString.Enforce("caf" + "e\u0301"), Is.EqualTo(canNormalize ? "caf\u00E9" : "cafe\u0301"));
        Assert.That(OpaqueString.Enforce("\u00C5"), Is.EqualTo("\u00C5"));
        Assert.That(OpaqueString.Enforce("\u212B"), Is.EqualTo(canNormalize ? "\u00C5" : "\u212B"));
    }

    [TestCase("", Description = "empty"), TestCase("a\u0000b"), TestCase("a\tb"), TestCase("a\u001F"), TestCase("\u007F")]
    [TestCase("\u0085x"), TestCase("The\u00ADM\u00AAtr\u2168"), TestCase("a\u200Bb"), TestCase("a\uFEFFb"), TestCase("a\u2028b"), TestCase("a\u2060b")]
    [TestCase("\u1100a"), TestCase("\uE000"), TestCase("\u0378"), TestCase("\uFFFE\u00E4"), TestCase("a\uFE0F"), TestCase("\u0640"), TestCase("\u3164")]
    [TestCase("a\u200Db"), TestCase("a\u200Cb"), TestCase("a\u00B7b"), TestCase("\u30FB\u00E4"), TestCase("\u0660\u06F0"), TestCase("a\u0375"), TestCase("a\u05F3")]
    [TestCase("\U000E0001a"), TestCase("\uFDD0a"), TestCase("\U0001FFFFa")]
    public void What_the_profile_disallows_is_refused(string text)
    {
        Assert.That(OpaqueString.TryEnforce(text, out _), Is.False);
        ArgumentException? exception = Assert.Throws<ArgumentException>(() => OpaqueString.Enforce(text));
        if (text.Length > 3)
            Assert.That(exception!.Message, Does.Not.Contain(text), "a password is not quoted");
    }

    [Test]
    public void A_lone_surrogate_is_refused()
    {
        Assert.That(OpaqueString.TryEnforce("a\uD800", out _), Is.False);
        Assert.That(OpaqueString.TryEnforce("\uDC00a", out _), Is.False);
        Assert.That(OpaqueString.TryEnforce("\uD800\uD800\uDC00", out _), Is.False);
    }

    [Test]
    public void No_text_of_two_characters_throws()
    {
        foreach (int first in new[] { 'a', 0x0301, 0x1100, 0x3099, 0xD800, 0xFFFE })
        {
            for (int second = 0; second <= 0xFFFF; second += 7)
                _ = OpaqueString.TryEnforce($"{(char)first}{(char)second}", out _);
        }
    }

    [TestCase("\u30AB\u30FB\u30AB"), TestCase("\u6F22\u30FB"), TestCase("\u0660\u0661"), TestCase("\u06F0\u06F1"), TestCase("\u0375\u03B1"), TestCase("\u05D0\u05F3")]
    public void What_needs_a_context_is_taken_in_its_context(string text) => Assert.That(OpaqueString.TryEnforce(text, out _), Is.True);
}
