namespace Ice.Core;

/// <summary>The external port of one mapping.</summary>
/// <param name="Order">The place of the mapping among those that this host had its NAT make: how many came before it.</param>
/// <param name="Port">The external port.</param>
public readonly record struct PortSample(int Order, int Port);
