using Stun;

namespace Ice.Core.Tests.Harness;

/// <summary>Short words for what tests need all the time.</summary>
internal static class Make
{
    public const int HostPreference = 126;
    public const int PeerReflexivePreference = 110;
    public const int ServerReflexivePreference = 100;

    /// <summary>When every test begins: not the origin, so that nothing may take zero for "not yet".</summary>
    public static Instant Start { get; } = Instant.FromOrigin(TimeSpan.FromHours(1));

    public static TimeSpan Ms(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    public static TimeSpan S(double seconds) => TimeSpan.FromSeconds(seconds);

    /// <summary><c>10.0.0.1:5000</c> or <c>[2001:db8::1]:5000</c>.</summary>
    public static TransportAddress At(string address)
    {
        int colon = address.LastIndexOf(':');
        return TransportAddress.Parse(address[..colon].Trim('[', ']'), int.Parse(address[(colon + 1)..], System.Globalization.CultureInfo.InvariantCulture));
    }

    // RFC 8445 §5.1.2.1, written a second time on purpose: tests do not ask the code under test what is right.
    public static uint Priority(int typePreference, int localPreference = 65535, int component = 1) =>
        ((uint)typePreference << 24) + ((uint)localPreference << 8) + (uint)(256 - component);

    // RFC 8445 §6.1.2.3, likewise.
    public static ulong PairPriority(uint controlling, uint controlled) =>
        ((ulong)Math.Min(controlling, controlled) << 32) + (2 * (ulong)Math.Max(controlling, controlled)) + (controlling > controlled ? 1ul : 0ul);

    public static IceCandidate Host(string address, uint? priority = null, string foundation = "r1", int component = 1) =>
        Candidate(IceCandidateType.Host, At(address), priority ?? Priority(HostPreference, 65535, component), foundation, component);

    public static IceCandidate Candidate(IceCandidateType type, TransportAddress address, uint priority, string foundation, int component = 1) => new()
    {
        Foundation = foundation,
        Component = component,
        Priority = priority,
        Address = address,
        Port = address.Port,
        Type = type,
        RelatedAddress = type == IceCandidateType.Host ? TransportAddress.None : At("10.99.99.99:9"),
    };

    /// <summary>An agent at 10.0.0.1:5000, on base 1, whose controlling peer at 10.0.0.2:1 has nominated the pair.</summary>
    public static TestAgent Nominated(out ScriptedPeer peer, IceCoreOptions? options = null)
    {
        var agent = new TestAgent(options ?? new IceCoreOptions { Role = IceRole.Controlled });
        agent.AddHost("10.0.0.1:5000");
        peer = new ScriptedPeer(agent, IceRole.Controlling);
        agent.Network = peer.Answering(_ => At("10.0.0.1:5000"));
        peer.Signal("10.0.0.2:1");
        peer.SendCheck(new BaseId(1), "10.0.0.2:1", useCandidate: true);
        Assert.That(agent.Core.State, Is.EqualTo(IceConnectionState.Connected));
        return agent;
    }
}
