namespace Stun.Tests;

/// <summary>The test vectors of RFC 5769 and of RFC 8489 Appendix B.1.</summary>
internal static class Vectors
{
    public const string Password = "VOkJxbRl1RmTxUk/WvJxBt";
    public const string LongTermUsername = "\u30DE\u30C8\u30EA\u30C3\u30AF\u30B9";
    public const string LongTermPassword = "TheMatrIX";
    public const string LongTermRealm = "example.org";

    /// <summary>RFC 5769 §2.1: a request with short-term credentials; the padding is spaces.</summary>
    public static readonly byte[] Request = Convert.FromHexString(
        "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74002400046e0001ff"
        + "80290008932ff9b151263b36000600096576746a3a68367659202020000800149aeaa70cbfd8cb56781ef2b5b2d3f249"
        + "c1b571a280280004e57a3bcf");

    /// <summary>RFC 5769 §2.2: a response with an IPv4 address; the padding is a space.</summary>
    public static readonly byte[] IPv4Response = Convert.FromHexString(
        "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000080001a147e112a643"
        + "000800142b91f599fd9e90c38c7489f92af9ba53f06be7d780280004c07d4c96");

    /// <summary>RFC 5769 §2.3: a response with an IPv6 address; the padding is a space.</summary>
    public static readonly byte[] IPv6Response = Convert.FromHexString(
        "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220002000140002a1470113a9fa"
        + "a5d3f179bc25f4b5bed2b9d900080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c");

    /// <summary>RFC 5769 §2.4: a request with long-term credentials; the padding is zeros.</summary>
    public static readonly byte[] LongTermRequest = Convert.FromHexString(
        "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b900000015001c"
        + "662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b6578616d706c652e6f72670000080014"
        + "f67024656dd64a3e02b8e0712e85c9a28ca89666");

    /// <summary>RFC 8489 Appendix B.1 as printed: the header promises 20 bytes more than there are (a verified erratum).</summary>
    public static readonly byte[] LongTermSha256RequestAsPrinted = Convert.FromHexString(
        "0001009c2112a44278ad3433c6ad72c029da412e001e00204a3cf38fef6992bda952c6780417da0f24819415569e60b2"
        + "05c46e41407f1704001500296f624d61744a6f733241414143662f2f3439396b39353464364f4c33346f4c3946535476"
        + "79363473410000000014000b6578616d706c652e6f726700001c0020e4686c8f0edeb59013e07090010a93efccbccc54"
        + "4c0a45d9f830aa6d6f735a01");

    /// <summary>RFC 8489 Appendix B.1 as the verified erratum corrects it: PASSWORD-ALGORITHM is SHA-256, the length is 0x90.</summary>
    public static readonly byte[] LongTermSha256Request = Convert.FromHexString(
        "000100902112a44278ad3433c6ad72c029da412e001e00204a3cf38fef6992bda952c6780417da0f24819415569e60b2"
        + "05c46e41407f1704001500296f624d61744a6f733241414143662f2f3439396b39353464364f4c33346f4c3946535476"
        + "79363473410000000014000b6578616d706c652e6f726700001d000400020000001c0020b5c7bf005b6c52a21c51c5e8"
        + "92f81924136296cb927c43149309278cc6518e65");
}
