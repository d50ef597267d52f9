namespace NatLab.Network;

/// <summary>What a router does not let through.</summary>
internal sealed record FirewallRules
{
    public static FirewallRules None { get; } = new();

    /// <summary>Whether no UDP passes.</summary>
    public bool BlocksUdp { get; init; }

    /// <summary>The ports that TCP may go to; null for all.</summary>
    public IReadOnlyList<int>? TcpPorts { get; init; }
}
