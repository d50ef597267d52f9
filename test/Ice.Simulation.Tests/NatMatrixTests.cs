namespace Ice.Simulation.Tests;

/// <summary>All combinations of mapping and filtering against each other: the agents find a path exactly where the oracle sees one.</summary>
public class NatMatrixTests
{
    [Test]
    public void Every_NAT_against_every_NAT_ends_as_the_oracle_says([Values] NatMapping mapping, [Values] NatFiltering filtering)
    {
        foreach (NatMapping otherMapping in Enum.GetValues<NatMapping>())
        {
            foreach (NatFiltering otherFiltering in Enum.GetValues<NatFiltering>())
            {
                ScenarioResult result = Run(Behind(mapping, filtering), Behind(otherMapping, otherFiltering), stun: true);
                Assert.That(result.Problems, Is.Empty, result.ToString());
            }
        }
    }

    [Test]
    public void Every_NAT_against_a_public_host_connects([Values] NatMapping mapping, [Values] NatFiltering filtering, [Values] bool stun)
    {
        ScenarioResult result = Run(Behind(mapping, filtering), new InterfaceScenario { Access = Access.Public }, stun);
        Assert.That(result.Problems, Is.Empty, result.ToString());
        Assert.That(result.Outcome, Is.EqualTo(ScenarioOutcome.Connected));
    }

    // By hand: what the oracle must say of the cases that everybody knows.
    [TestCase(NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent, NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent, true)]
    [TestCase(NatMapping.AddressAndPortDependent, NatFiltering.AddressAndPortDependent, NatMapping.EndpointIndependent, NatFiltering.AddressAndPortDependent, false)]
    [TestCase(NatMapping.AddressAndPortDependent, NatFiltering.AddressAndPortDependent, NatMapping.EndpointIndependent, NatFiltering.AddressDependent, true)]
    [TestCase(NatMapping.AddressAndPortDependent, NatFiltering.AddressAndPortDependent, NatMapping.EndpointIndependent, NatFiltering.EndpointIndependent, true)]
    [TestCase(NatMapping.AddressAndPortDependent, NatFiltering.AddressAndPortDependent, NatMapping.AddressAndPortDependent, NatFiltering.AddressAndPortDependent, false)]
    public void The_oracle_knows_the_known_cases(NatMapping mapping, NatFiltering filtering, NatMapping otherMapping, NatFiltering otherFiltering, bool path)
    {
        var world = new ScenarioWorld(Scenario(Behind(mapping, filtering), Behind(otherMapping, otherFiltering), stun: true));
        Assert.That(world.Oracle.PathExists, Is.EqualTo(path), world.Oracle.Explanation);
    }

    [Test]
    public void Without_a_STUN_server_two_NATs_cannot_be_passed()
    {
        var nat = Behind(NatMapping.EndpointIndependent, NatFiltering.EndpointIndependent);
        ScenarioResult result = Run(nat, nat, stun: false);
        Assert.That(result.Problems, Is.Empty, result.ToString());
        Assert.That(result.Outcome, Is.EqualTo(ScenarioOutcome.Failed));
    }

    private static InterfaceScenario Behind(NatMapping mapping, NatFiltering filtering) => new()
    {
        Access = Access.Nat,
        Nat = new NatOptions { Mapping = mapping, Filtering = filtering, PortAssignment = NatPortAssignment.Random },
        Link = new LinkConditions { Latency = TimeSpan.FromMilliseconds(15) },
    };

    private static ScenarioResult Run(InterfaceScenario offerer, InterfaceScenario answerer, bool stun) => ScenarioRunner.Run(Scenario(offerer, answerer, stun));

    private static Scenario Scenario(InterfaceScenario offerer, InterfaceScenario answerer, bool stun) => new()
    {
        Seed = 1,
        Offerer = new SideScenario { Role = IceRole.Controlling, UsesStun = stun, Interfaces = [offerer] },
        Answerer = new SideScenario { Role = IceRole.Controlled, UsesStun = stun, Interfaces = [answerer] },
    };
}
