using Ice.Core.Tests.Harness;
using Ice.Testing;
using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
[Rfc(8421, "4")]
internal sealed class PrioritiesDualStackTests
{
    [TestCase(6, 2, "66664664")]
    [TestCase(3, 3, "664644")]
    [TestCase(1, 1, "64")]
    [TestCase(4, 1, "66664")]
    [TestCase(1, 4, "64444")]
    [TestCase(0, 3, "444")]
    [TestCase(3, 0, "666")]
    public void Families_are_interleaved_with_a_head_start_for_IPv6(int ipv6, int ipv4, string expected)
    {
        // Hi = (N_4 + N_6) / N_4 IPv6 addresses go first.
        TransportAddress[] addresses =
        [
            .. Enumerable.Range(1, ipv4).Select(i => At($"192.0.2.{i}:1")),
            .. Enumerable.Range(1, ipv6).Select(i => At($"[2001:db8::{i}]:1")),
        ];
        int[] preferences = LocalPreferences.Assign(addresses);
        int[] order = [.. Enumerable.Range(0, addresses.Length).OrderByDescending(i => preferences[i])];
        Assert.Multiple(() =>
        {
            Assert.That(string.Concat(order.Select(i => addresses[i].IsIPv6 ? '6' : '4')), Is.EqualTo(expected));
            Assert.That(order.Where(i => addresses[i].IsIPv4), Is.Ordered, "the order within a family is the caller's");
            Assert.That(order.Where(i => addresses[i].IsIPv6), Is.Ordered);
        });
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(255)]
    [TestCase(256)]
    [TestCase(257)]
    [TestCase(1000)]
    [Rfc(8445, "5.1.2.1")]
    public void Every_address_has_a_preference_of_its_own_between_0_and_65535_and_the_best_has_65535(int count)
    {
        TransportAddress[] addresses = [.. Enumerable.Range(0, count).Select(i => At($"10.0.{i / 250}.{1 + (i % 250)}:1"))];
        int[] preferences = LocalPreferences.Assign(addresses);
        Assert.Multiple(() =>
        {
            Assert.That(preferences, Is.All.InRange(0, 65535));
            Assert.That(preferences, Is.Unique);
            Assert.That(preferences.Max(), Is.EqualTo(65535));
        });
    }

    [Test]
    public void No_addresses_have_no_preferences() => Assert.That(LocalPreferences.Assign([]), Is.Empty);

    [Test]
    [Rfc(8421, "5")]
    public void Checks_alternate_between_the_families_and_begin_with_IPv6()
    {
        string[] ours = ["192.0.2.1:1", "192.0.2.2:1", "[2001:db8::1]:1", "[2001:db8::2]:1"];
        int[] preferences = LocalPreferences.Assign([.. ours.Select(At)]);
        var agent = new TestAgent();
        for (int i = 0; i < ours.Length; i++)
            agent.AddHost(ours[i], localPreference: preferences[i]);
        var peer = new ScriptedPeer(agent);
        agent.Core.AddRemoteCandidate(0, Host("198.51.100.9:1", Priority(HostPreference, 65000), "a"), agent.Now);
        agent.Core.AddRemoteCandidate(0, Host("[2001:db8:9::9]:1", Priority(HostPreference, 65500), "b"), agent.Now);
        peer.SignalParameters();
        agent.Advance(Ms(200));
        // By MIN(G,D): the IPv6 pairs (65500 or less) and the IPv4 pairs (65000 or less) in the order of our own preferences.
        Assert.That(agent.NewChecks.First().To.IsIPv6, Is.True);
        Assert.That(agent.NewChecks.Select(c => c.To.IsIPv4).Distinct().Count(), Is.EqualTo(2), "within four checks both families had their turn");
        Assert.That(agent.NewChecks.Count(), Is.EqualTo(4));
    }
}
