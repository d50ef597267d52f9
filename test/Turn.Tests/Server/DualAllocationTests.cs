using Ice.Testing;
using Stun;

namespace Turn.Tests.Server;

[TestFixture]
internal sealed class DualAllocationTests
{
    private static readonly Attributes s_both = (ref w) => w.AddAdditionalAddressFamily(TurnAddressFamily.IPv6);

    [Test]
    [Rfc(8656, "7.2")]
    public void One_request_gets_an_address_of_each_family()
    {
        var rig = new ServerRig();
        byte[] reply = rig.Client().Allocate(s_both);
        Assert.That(Reply.Read(reply).TryGetRelayed(out TransportAddress ipv4, out TransportAddress ipv6), Is.True);
        Assert.That(ipv4.SameAddress(ServerRig.RelayIPv4) && ipv6.SameAddress(ServerRig.RelayIPv6), Is.True);
        Assert.That(Reply.Read(reply).Has(StunAttributeType.AddressErrorCode), Is.False);
        TurnServerEvent.AllocationCreated created = rig.Only<TurnServerEvent.AllocationCreated>();
        Assert.That((created.Relayed, created.AlsoRelayed), Is.EqualTo((ipv4, ipv6)));
        Assert.That(rig.Core.AllocationCount, Is.EqualTo(1));
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void A_family_that_the_server_does_not_have_is_told_with_440()
    {
        var rig = new ServerRig(o => o with { RelayIPv6 = default });
        byte[] reply = rig.Client().Allocate(s_both);
        Assert.That(Reply.Relayed(reply).IsIPv4, Is.True);
        Assert.That(Reply.Read(reply).TryGetAddressErrorCode(out TurnAddressFamily family, out int code), Is.True);
        Assert.That((family, code), Is.EqualTo((TurnAddressFamily.IPv6, 440)));
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void A_family_without_a_free_port_is_told_with_508([Values] bool ipv6)
    {
        var rig = new ServerRig { Opens = o => o.Address.IsIPv6 != ipv6 };
        RigClient client = rig.Client();
        byte[] reply = client.Allocate(s_both);
        Assert.That(Reply.Relayed(reply).IsIPv4, Is.EqualTo(ipv6));
        Assert.That(Reply.Read(reply).TryGetAddressErrorCode(out TurnAddressFamily family, out int code), Is.True);
        Assert.That((family, code), Is.EqualTo((ipv6 ? TurnAddressFamily.IPv6 : TurnAddressFamily.IPv4, 508)));
        Assert.That(client.Retransmit(), Is.EqualTo(reply));
    }

    [Test]
    [Rfc(8656, "7.2")]
    public void Neither_family_is_508()
    {
        var rig = new ServerRig { Opens = _ => false };
        Assert.That(rig.Client().Code(StunMethod.Allocate, RigClient.Allocation(s_both)), Is.EqualTo(508));
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }

    [Test]
    [Rfc(8656, "8.1")]
    public void Deleting_one_family_leaves_the_other_with_its_permissions_and_channels()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate(s_both);
        client.Permit(ServerRig.Peer, ServerRig.PeerIPv6);
        client.Bind(0x4000, ServerRig.Peer);
        client.Bind(0x4001, ServerRig.PeerIPv6);
        _ = client.Get(StunMethod.Refresh, (ref w) =>
        {
            w.AddRequestedAddressFamily(TurnAddressFamily.IPv4);
            w.AddLifetime(TimeSpan.Zero);
        });
        Assert.That(rig.OpenRelays, Has.Count.EqualTo(1));
        Assert.That(client.SendOn(0x4000, "x"u8).Kind, Is.EqualTo(TurnForwardKind.None));
        Assert.That(client.SendTo(ServerRig.Peer, "x"u8).Kind, Is.EqualTo(TurnForwardKind.None));
        Assert.That(client.SendOn(0x4001, "x"u8).Kind, Is.EqualTo(TurnForwardKind.ToPeer));
        Assert.That(client.SendTo(ServerRig.PeerIPv6, "x"u8).Kind, Is.EqualTo(TurnForwardKind.ToPeer));
        Assert.That(client.Code(StunMethod.CreatePermission, RigClient.PeerIs(ServerRig.Peer)), Is.EqualTo(443));
        _ = client.Get(StunMethod.Refresh, (ref w) => w.AddLifetime(TimeSpan.Zero));
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }

    [Test]
    [Rfc(8656, "8.1")]
    public void One_family_can_be_refreshed_while_the_other_expires()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate(s_both);
        rig.Advance(300);
        _ = client.Get(StunMethod.Refresh, (ref w) => w.AddRequestedAddressFamily(TurnAddressFamily.IPv6));
        rig.Advance(300);
        Assert.That(rig.Only<TurnServerEvent.AllocationEnded>().Relayed.IsIPv4, Is.True);
        Assert.That(rig.Core.AllocationCount, Is.EqualTo(1));
        rig.Advance(300);
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }

    [Test]
    [Rfc(8656, "8.1")]
    public void A_refresh_without_a_family_concerns_both()
    {
        var rig = new ServerRig();
        RigClient client = rig.Client();
        _ = client.Allocate(s_both);
        rig.Advance(300);
        _ = client.Get(StunMethod.Refresh);
        rig.Advance(599);
        Assert.That(rig.OpenRelays, Has.Count.EqualTo(2));
        rig.Advance(1);
        Assert.That(rig.Core.EntryCount, Is.Zero);
    }
}
