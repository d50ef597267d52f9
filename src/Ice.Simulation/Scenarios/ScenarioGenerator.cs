using Stun;

namespace Ice.Simulation;

/// <summary>Makes a <see cref="Scenario"/> out of a seed: the same one for the same seed, always.</summary>
public static class ScenarioGenerator
{
    /// <summary>The scenario of a seed.</summary>
    public static Scenario FromSeed(ulong seed)
    {
        var random = new SimRandom(seed ^ 0x5CE_A210);
        bool sharedLan = random.Chance(0.12);
        double loss = random.Chance(0.5) ? 0 : random.NextDouble() * 0.30;
        TimeSpan delay = random.UpTo(TimeSpan.FromMilliseconds(300));
        NatOptions sharedNat = Nat(random);
        SideScenario offerer = Side(random, sharedLan, sharedNat, loss, delay) with { Role = IceRole.Controlling };
        SideScenario answerer = Side(random, sharedLan, sharedNat, loss, delay) with { Role = IceRole.Controlled };
        (offerer, answerer) = Roles(random, offerer, answerer);
        return new Scenario
        {
            Seed = seed,
            Origin = Origin(random),
            Streams = Streams(random),
            Trickle = random.Pick(TrickleMode.Full, TrickleMode.Full, TrickleMode.Half, TrickleMode.None),
            SignalingDelay = random.UpTo(TimeSpan.FromSeconds(1)),
            AnswererGathersEarly = random.Chance(0.5),
            ServersAnswer = !random.Chance(0.04),
            Offerer = offerer,
            Answerer = answerer,
            Restarts = random.Chance(0.1) ? Restarts(random) : [],
        };
    }

    private static IReadOnlyList<int> Streams(SimRandom random) => random.NextDouble() switch
    {
        < 0.70 => [1],
        < 0.85 => [2],
        < 0.93 => [1, 1],
        _ => [2, 1],
    };

    // Clocks count from boot, from an epoch, or from nowhere in particular: the machine must not care.
    private static Instant Origin(SimRandom random) => random.NextDouble() switch
    {
        < 0.80 => Instant.Zero,
        < 0.90 => Instant.FromOrigin(TimeSpan.FromDays(-random.Next(1, 1_000_000))),
        _ => Instant.FromOrigin(TimeSpan.MaxValue - TimeSpan.FromDays(random.Next(2, 1_000_000))),
    };

    private static RestartScenario[] Restarts(SimRandom random)
    {
        var restarts = new RestartScenario[random.Next(1, 3)];
        for (int i = 0; i < restarts.Length; i++)
            restarts[i] = new RestartScenario(random.UpTo(TimeSpan.FromSeconds(10)), random.Chance(0.5));
        return restarts;
    }

    private static (SideScenario Offerer, SideScenario Answerer) Roles(SimRandom random, SideScenario offerer, SideScenario answerer)
    {
        switch (random.NextDouble())
        {
            case < 0.05:
                // RFC 8445 §6.1.1: "The full agent MUST take the controlling role, and the lite agent MUST take the controlled role."
                return (Lite(offerer), answerer with { Role = IceRole.Controlling });
            case < 0.10:
                return (offerer, Lite(answerer));
            case < 0.20:
                return (offerer, answerer with { Role = IceRole.Controlling });
            case < 0.26:
                return (offerer with { Role = IceRole.Controlled }, answerer);
            default:
                return (offerer, answerer);
        }
    }

    // RFC 8445 §2.5: "Certain ICE agents will always be connected to the public Internet"
    private static SideScenario Lite(SideScenario side) => side with
    {
        Mode = IceMode.Lite,
        Role = IceRole.Controlled,
        UsesStun = false,
        Interfaces = [side.Interfaces[0].Access is Access.Blocked or Access.TcpOnly or Access.Closed or Access.SharedLan
            ? side.Interfaces[0]
            : side.Interfaces[0] with { Access = Access.Public }],
    };

    private static SideScenario Side(SimRandom random, bool sharedLan, NatOptions sharedNat, double loss, TimeSpan delay)
    {
        int count = random.NextDouble() switch { < 0.72 => 1, < 0.93 => 2, _ => 3 };
        var interfaces = new InterfaceScenario[count];
        for (int i = 0; i < count; i++)
            interfaces[i] = Interface(random, sharedLan && i == 0, sharedNat, loss, delay);
        return new SideScenario
        {
            Interfaces = interfaces,
            UsesStun = !random.Chance(0.08),
            Pacing = TimeSpan.FromMilliseconds(random.Pick(50, 50, 50, 50, 20, 5, 100)),
            TimerSlack = random.Chance(0.5) ? TimeSpan.Zero : TimeSpan.FromMilliseconds(random.Next(1, 16)),
        };
    }

    private static InterfaceScenario Interface(SimRandom random, bool sharedLan, NatOptions sharedNat, double loss, TimeSpan delay)
    {
        double family = random.NextDouble();
        Access access = random.NextDouble() switch
        {
            < 0.25 => Access.Public,
            < 0.80 => Access.Nat,
            < 0.91 => Access.Firewall,
            < 0.94 => Access.Blocked,
            < 0.97 => Access.TcpOnly,
            _ => Access.Closed,
        };
        return new InterfaceScenario
        {
            IPv4 = sharedLan || family < 0.85,
            IPv6 = family >= 0.55,
            Access = sharedLan ? Access.SharedLan : access,
            Nat = sharedLan ? sharedNat : Nat(random),
            Link = Conditions(random, loss, delay),
        };
    }

    // Each side's link does half of what the whole path is to do, one way.
    private static LinkConditions Conditions(SimRandom random, double loss, TimeSpan delay)
    {
        double half = 1 - Math.Sqrt(1 - loss);
        bool bursts = random.Chance(0.3);
        return new LinkConditions
        {
            Latency = delay / 2,
            Jitter = random.Chance(0.5) ? TimeSpan.Zero : random.UpTo(TimeSpan.FromMilliseconds(50)),
            Loss = half <= 0 ? LossModel.None : bursts ? LossModel.Bursts(half, 1 + random.NextDouble()) : LossModel.Random(half),
            Reorder = random.Chance(0.6) ? 0 : random.NextDouble() * 0.2,
            Duplicate = random.Chance(0.6) ? 0 : random.NextDouble() * 0.1,
        };
    }

    private static NatOptions Nat(SimRandom random)
    {
        bool common = random.Chance(0.6);
        return new NatOptions
        {
            Mapping = common
                ? NatMapping.EndpointIndependent
                : random.Pick(NatMapping.EndpointIndependent, NatMapping.AddressDependent, NatMapping.AddressAndPortDependent),
            Filtering = common
                ? NatFiltering.AddressAndPortDependent
                : random.Pick(NatFiltering.EndpointIndependent, NatFiltering.AddressDependent, NatFiltering.AddressAndPortDependent),
            PortAssignment = random.Pick(NatPortAssignment.Preserving, NatPortAssignment.Random, NatPortAssignment.Sequential),
            Lifetime = TimeSpan.FromSeconds(random.Next(120, 300)),
            InboundRefresh = random.Chance(0.5),
            Hairpin = random.Chance(0.5) ? NatHairpin.ExternalSource : NatHairpin.None,
        };
    }
}
