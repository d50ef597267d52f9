using Ice.Testing;
using Stun;

namespace Turn.Tests.Server;

[TestFixture]
internal sealed class RefreshTests
{
    [Test]
    [Rfc(8656, "8.2")]
    public void A_refresh_sets_the_lifetime_anew([Values(0u, 300u, 1000u, 5000u)] uint asked)
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        rig.Advance(500);
        byte[] reply = asked == 0 ? client.Get(StunMethod.Refresh) : client.Get(StunMethod.Refresh, (ref w) => w.AddUInt32(StunAttributeType.Lifetime, asked));
        double expected = Math.Clamp(asked, 600, 3600);
        Assert.That(Reply.Lifetime(reply), Is.EqualTo(expected));
        Assert.That(Reply.Read(reply).Has(StunAttributeType.Software), Is.True);
        rig.Advance(expected - 0.001);
        Assert.That(rig.Core.AllocationCount, Is.EqualTo(1));
        rig.Advance(0.001);
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }

    [Test]
    [Rfc(8656, "8.2")]
    public void A_lifetime_of_zero_deletes_at_once()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        Assert.That(Reply.Lifetime(client.Get(StunMethod.Refresh, (ref w) => w.AddLifetime(TimeSpan.Zero))), Is.Zero);
        Assert.That(rig.Core.EntryCount, Is.Zero);
        Assert.That(rig.OpenRelays, Is.Empty);
        Assert.That(rig.Only<TurnServerEvent.AllocationEnded>().Reason, Is.EqualTo(AllocationEnd.Deleted));
        // RFC 8656 §8.2: a retransmitted one finds nothing any more, which the client takes for success.
        Assert.That(Reply.Code(client.Retransmit()), Is.EqualTo(437));
        _ = client.Allocate();
    }

    [Test]
    [Rfc(8656, "8.2")]
    public void A_retransmitted_refresh_gets_the_same_answer()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        byte[] first = client.Get(StunMethod.Refresh, (ref w) => w.AddUInt32(StunAttributeType.Lifetime, 900));
        Assert.That(client.Retransmit(), Is.EqualTo(first));
    }

    [Test]
    [Rfc(8656, "8.2")]
    public void Another_family_than_the_allocations_is_443()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate();
        Assert.That(client.Code(StunMethod.Refresh, (ref w) => w.AddRequestedAddressFamily(TurnAddressFamily.IPv6)), Is.EqualTo(443));
        Assert.That(client.Code(StunMethod.Refresh, (ref w) => w.AddRequestedAddressFamily((TurnAddressFamily)9)), Is.EqualTo(443));
        Assert.That(client.Code(StunMethod.Refresh, (ref w) => w.Add(StunAttributeType.RequestedAddressFamily, [1])), Is.EqualTo(400));
        Assert.That(client.Code(StunMethod.Refresh, (ref w) => w.Add(StunAttributeType.Lifetime, [0])), Is.EqualTo(400));
        Assert.That(client.Code(StunMethod.Refresh, (ref w) => w.AddRequestedAddressFamily(TurnAddressFamily.IPv4)), Is.Zero);
    }

    [Test]
    [Rfc(8656, "5")]
    public void Without_an_allocation_every_request_is_a_mismatch([Values(StunMethod.Refresh, StunMethod.CreatePermission, StunMethod.ChannelBind, StunMethod.Connect)] StunMethod method) =>
        Assert.That(new ServerRig().Client().Code(method, RigClient.ChannelIs(0x4000, ServerRig.Peer)), Is.EqualTo(437));

    [Test]
    [Rfc(8656, "5")]
    public void Another_user_is_refused_with_441([Values(StunMethod.Refresh, StunMethod.CreatePermission, StunMethod.ChannelBind, StunMethod.Connect)] StunMethod method)
    {
        var rig = new ServerRig();
        _ = rig.Client().Allocate();
        Assert.That(rig.Client(user: "bob", password: "hidden").Code(method, RigClient.ChannelIs(0x4000, ServerRig.Peer)), Is.EqualTo(441));
        Assert.That(rig.Only<TurnServerEvent.RequestRefused>(), Is.EqualTo(new TurnServerEvent.RequestRefused(ServerRig.Path(), "bob", method, 441)));
    }

    [Test]
    public void Lengthening_and_shortening_a_lifetime_all_the_time_leaves_nothing_behind()
    {
        var rig = new ServerRig(o => o with { NonceLifetime = TimeSpan.FromDays(10) });
        RigClient client = rig.Client();
        _ = client.Allocate();
        for (int i = 0; i < 2000; i++)
        {
            _ = client.Get(StunMethod.Refresh, (ref w) => w.AddUInt32(StunAttributeType.Lifetime, i % 2 == 0 ? 3600u : 600u));
            rig.Advance(5);
        }

        Assert.That(rig.Core.PendingDeadlines, Is.LessThan(20));
        _ = client.Get(StunMethod.Refresh, (ref w) => w.AddLifetime(TimeSpan.Zero));
        rig.Advance(4000);
        Assert.That(rig.Core.PendingDeadlines, Is.Zero);
        Assert.That(rig.Core.NextTimeout, Is.EqualTo(Instant.Never));
    }
}
