using Stun;

namespace Ice.Core;

/// <summary>What several servers' answers tell of our own NAT, and the mappings that it will probably make next.</summary>
internal sealed class OwnMapping(AgentContext agent, MappingLedger ledger)
{
    /// <summary>Changes when something new is known.</summary>
    public int Version => ledger.Version;

    /// <summary>Whether the NAT in front of a base maps each destination anew (RFC 4787 §4.1): servers see the same base at different addresses.</summary>
    public bool IsEndpointDependent(LocalBase localBase)
    {
        TransportAddress seen = TransportAddress.None;
        foreach (Mapping mapping in ledger.Of(localBase))
        {
            if (mapping.Path.Base != localBase.Id || mapping.External.IsNone)
                continue;
            if (!seen.IsNone && seen != mapping.External)
                return true;
            seen = mapping.External;
        }

        return false;
    }

    /// <summary>Whether some base of a component is behind such a NAT, and how that gives ports; null when none is known to be.</summary>
    public PortPattern? FindPattern(ComponentId component)
    {
        foreach (LocalBase localBase in agent.Bases)
        {
            if (localBase.Component == component && IsEndpointDependent(localBase))
                return Analyze(localBase);
        }

        return null;
    }

    /// <summary>The rule of the NAT in front of a base, from the samples of all bases on its address.</summary>
    public PortPattern Analyze(LocalBase localBase)
    {
        Mapping[] samples = Samples(localBase);
        // Where the order is not certain, NATs count up.
        return Array.Exists(samples, static mapping => mapping.IsOrderUncertain)
            ? PortPattern.Analyze([.. samples.Select(static mapping => mapping.External.Port).Order().Select(static (port, index) => new PortSample(index, port))])
            : PortPattern.Analyze([.. samples.Select(static mapping => new PortSample(mapping.Order, mapping.External.Port))]);
    }

    /// <summary>The external addresses at which packets of a base to new destinations will probably be seen, the likeliest first.</summary>
    public IReadOnlyList<TransportAddress> Predict(LocalBase localBase, PortPattern pattern)
    {
        Mapping[] samples = Samples(localBase);
        // What has been sent since the last sample took ports too.
        int later = ledger.Of(localBase).Count(mapping => mapping.Order > samples[^1].Order);
        IEnumerable<int> ports = pattern.Predict(agent.Options.Traversal!.PredictPorts + Math.Min(later, TraversalDefaults.MaxLookBack));
        return [.. ports.Concat(Earlier(localBase, samples, pattern)).Distinct().Select(samples[^1].External.WithPort)];
    }

    // Checks to the peer may have left before the servers were asked, or in between.
    private IEnumerable<int> Earlier(LocalBase localBase, Mapping[] samples, PortPattern pattern)
    {
        Mapping[] unsampled = [.. ledger.Of(localBase).Where(static mapping => mapping.External.IsNone)];
        if (unsampled.Length == 0)
            yield break;
        int[] ports = [.. samples.Select(static mapping => mapping.External.Port).Order()];
        bool uncertain = Array.Exists(samples, static mapping => mapping.IsOrderUncertain);
        bool between = uncertain || Array.Exists(unsampled, mapping => mapping.Order > samples[0].Order && mapping.Order < samples[^1].Order);
        for (int port = ports[0] + 1; between && port < ports[^1]; port++)
            yield return port;
        int before = uncertain ? unsampled.Length : unsampled.Count(mapping => mapping.Order < samples[0].Order);
        for (int i = 1; i <= Math.Min(before, TraversalDefaults.MaxLookBack); i++)
            yield return (pattern.Step > 0 ? ports[0] : ports[^1]) - (i * pattern.Step);
    }

    // Answers that came by another external address of the NAT (RFC 4787 §4.1, pooling) follow a rule of their own.
    private Mapping[] Samples(LocalBase localBase)
    {
        Mapping[] answered = [.. ledger.Of(localBase).Where(static mapping => !mapping.External.IsNone)];
        return [.. answered.Where(mapping => mapping.External.SameAddress(answered[^1].External)).DistinctBy(static mapping => mapping.External)];
    }
}
