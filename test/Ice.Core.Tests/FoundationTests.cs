using Ice.Core.Tests.Harness;
using Ice.Testing;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
[Rfc(8445, "5.1.1.3")]
internal sealed class FoundationTests
{
    [Test]
    public void Host_candidates_of_one_address_share_a_foundation_over_ports_components_and_streams()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [2, 1] });
        agent.AddHost("10.0.0.1:5000", new ComponentId(0, 1));
        agent.AddHost("10.0.0.1:5001", new ComponentId(0, 2));
        agent.AddHost("10.0.0.1:5002", new ComponentId(1, 1));
        Assert.That(agent.Core.GetLocalCandidates().Select(c => c.Foundation).Distinct().Count(), Is.EqualTo(1));
    }

    [Test]
    public void Host_candidates_of_different_addresses_have_different_foundations()
    {
        var agent = new TestAgent();
        agent.AddHost("10.0.0.1:5000");
        agent.AddHost("10.0.0.2:5000", localPreference: 65534);
        agent.AddHost("[2001:db8::1]:5000", localPreference: 65533);
        Assert.That(agent.Core.GetLocalCandidates().Select(c => c.Foundation), Is.Unique);
    }

    [Test]
    public void Reflexive_candidates_share_a_foundation_exactly_when_base_address_and_server_address_are_the_same()
    {
        var agent = new TestAgent(new IceCoreOptions { Streams = [2] });
        agent.AddHost("10.0.0.1:5000", new ComponentId(0, 1));
        agent.AddHost("10.0.0.1:5001", new ComponentId(0, 2));
        agent.AddHost("10.0.9.1:5000", new ComponentId(0, 1), 65534);
        int port = 1000;
        var origin = new Dictionary<int, string>();
        agent.Network = sent =>
        {
            origin[port] = $"{sent.Path.Base.Value switch { 1 or 2 => "10.0.0.1", _ => "10.0.9.1" }} via {sent.To.ToIPAddress()}";
            return new Craft { Class = Stun.StunClass.SuccessResponse, Id = sent.Message.Id, XorMapped = At($"203.0.113.5:{port++}") }.ToBytes(new SeededEntropy(port));
        };
        agent.Do(now => agent.Core.AddServer(new GatheringServer(1, At("198.51.100.1:3478"), "stun:a"), now));
        agent.Do(now => agent.Core.AddServer(new GatheringServer(2, At("198.51.100.1:3479"), "stun:a2"), now));
        agent.Do(now => agent.Core.AddServer(new GatheringServer(3, At("198.51.100.2:3478"), "stun:b"), now));
        agent.Advance(S(2));
        IceCandidate[] reflexive = [.. agent.Core.GetLocalCandidates().Where(c => c.Type == IceCandidateType.ServerReflexive)];
        Assert.That(reflexive, Has.Length.EqualTo(9), "3 bases, 3 servers");
        foreach (IceCandidate one in reflexive)
        {
            foreach (IceCandidate two in reflexive)
            {
                bool same = origin[one.Address.Port] == origin[two.Address.Port];
                Assert.That(one.Foundation == two.Foundation, Is.EqualTo(same), $"{origin[one.Address.Port]} and {origin[two.Address.Port]}");
            }
        }

        string[] host = [.. agent.Core.GetLocalCandidates().Where(c => c.Type == IceCandidateType.Host).Select(c => c.Foundation)];
        Assert.That(reflexive.Select(c => c.Foundation).Intersect(host), Is.Empty, "another type, another foundation");
    }
}
