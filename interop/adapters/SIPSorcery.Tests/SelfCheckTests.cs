using System.Runtime.CompilerServices;
using SIPSorcery.Net;

namespace Ice.SIPSorcery.Tests;

public sealed class SelfCheckTests
{
    [Test]
    public void This_version_has_everything()
    {
        Assert.That(IcePeerConnection.MissingMembers, Is.Empty);
        Assert.That(IcePeerConnection.IsSupported);
    }

    [Test]
    public void What_is_missing_is_named_and_what_is_there_is_not()
    {
        IReadOnlyList<string> missing = SipSorceryCheck.FindMissing(
        [
            new RequiredMember("a field that is gone", static () => _ = Gone(null!)),
            new RequiredMember("a field of another type", static () => _ = OfAnotherType(null!)),
            new RequiredMember("a method with other parameters", static () => WithOtherParameters(null!, 0)),
            new RequiredMember("a field that is there", static () => _ = SipSorceryMembers.LocalIceUser(null!)),
        ]);
        Assert.That(missing, Is.EqualTo(new[] { "a field that is gone", "a field of another type", "a method with other parameters" }));
    }

    [Test]
    public void The_refusal_says_what_is_missing_and_what_to_use_instead()
    {
        Assert.That(
            static () => SipSorceryCheck.ThrowIfMissing(["RtpIceChannel._gone"]),
            Throws.TypeOf<NotSupportedException>().With.Message.Contains("RtpIceChannel._gone").And.Message.Contains(nameof(BridgedPeerConnection)));
        Assert.That(static () => SipSorceryCheck.ThrowIfMissing([]), Throws.Nothing);
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_gone")]
    private static extern ref string Gone(RtpIceChannel channel);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_candidates")]
    private static extern ref string OfAnotherType(RtpIceChannel channel);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "OnRTPDataReceived")]
    private static extern void WithOtherParameters(RTCPeerConnection connection, int localPort);
}
