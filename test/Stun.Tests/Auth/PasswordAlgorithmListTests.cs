using Ice.Testing;

namespace Stun.Tests;

[Rfc(8489, "14.11"), Rfc(8489, "14.12")]
internal sealed class PasswordAlgorithmListTests
{
    [Test]
    public void A_list_is_encoded_in_its_order() =>
        Assert.That(
            PasswordAlgorithmList.Encode(PasswordAlgorithm.Sha256, PasswordAlgorithm.Md5), Is.EqualTo(new byte[] { 0, 2, 0, 0, 0, 1, 0, 0 }));

    [TestCase("00020000 00010000", PasswordAlgorithm.Sha256)]
    [TestCase("00010000 00020000", PasswordAlgorithm.Md5)]
    [TestCase("00090000 00020000", PasswordAlgorithm.Sha256, Description = "an unknown one is skipped")]
    [TestCase("00090005 0102030405FFFFFF 00010000", PasswordAlgorithm.Md5, Description = "with its parameters, whose padding is ignored")]
    [TestCase("00010000 00090005 0102030405", PasswordAlgorithm.Md5, Description = "the last padding may be the attribute's")]
    [TestCase("00020004 00000000 00010000", PasswordAlgorithm.Md5, Description = "SHA-256 with parameters is another algorithm")]
    public void The_first_supported_one_is_chosen(string hex, PasswordAlgorithm expected)
    {
        Assert.That(PasswordAlgorithmList.TryGetFirstSupported(Bytes(hex), out PasswordAlgorithm algorithm), Is.True);
        Assert.That(algorithm, Is.EqualTo(expected));
    }

    [TestCase(""), TestCase("00030000"), TestCase("0001"), TestCase("000100"), TestCase("00010000 0002"), TestCase("00020000 00090008 00000000"), TestCase("00020001")]
    public void A_malformed_list_or_one_without_a_supported_algorithm_gives_none(string hex) =>
        Assert.That(PasswordAlgorithmList.TryGetFirstSupported(Bytes(hex), out _), Is.False);

    [TestCase("00020000", true), TestCase("00010000", true), TestCase("00030000", false), TestCase("00020000 00010000", false), TestCase("", false)]
    public void One_algorithm_is_exactly_one(string hex, bool expected) =>
        Assert.That(PasswordAlgorithmList.TryReadOne(Bytes(hex), out _), Is.EqualTo(expected));

    private static byte[] Bytes(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
