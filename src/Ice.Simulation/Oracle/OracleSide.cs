namespace Ice.Simulation;

/// <summary>One of the two agents, as the oracle sees it.</summary>
internal sealed class OracleSide(SimAgent agent)
{
    public SimAgent Agent { get; } = agent;

    // RFC 8445 §7: "a lite implementation only acts as a STUN server"
    public bool Checks { get; } = agent.Options.Core.Mode == IceMode.Full;

    public List<OracleBase> Bases { get; } = [];

    /// <summary>What is signaled: hosts' addresses, what STUN servers see, and relayed addresses.</summary>
    public HashSet<Spot> Candidates { get; } = [];
}
