namespace Ice.Core;

/// <summary>What an agent tries to get past a NAT with endpoint-dependent mapping.</summary>
public enum IceProbing
{
    /// <summary>Nothing: there is no such NAT, or nothing that helps.</summary>
    None,

    /// <summary>Ours is sequential: its next mappings were signaled, and the peer's checks are waited for.</summary>
    OwnPrediction,

    /// <summary>The peer's is sequential: ports that it will probably give are probed.</summary>
    PredictedPorts,

    /// <summary>The peer's is unpredictable: its ports are probed at random.</summary>
    GuessedPorts,

    /// <summary>Ours is unpredictable: many sockets send, so that the peer's probes meet one.</summary>
    ManySockets,
}
