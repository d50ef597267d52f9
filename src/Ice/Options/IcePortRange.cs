namespace Ice;

/// <summary>The local UDP ports that an agent may bind, both ends included.</summary>
/// <param name="First">The first port, 1 to 65535.</param>
/// <param name="Last">The last port, not below <paramref name="First"/>.</param>
public readonly record struct IcePortRange(int First, int Last)
{
    /// <summary>The number of ports.</summary>
    public int Count => Last - First + 1;

    /// <summary>Says what is wrong with the range, or null when nothing is.</summary>
    public string? Validate() => First is < 1 or > 65535 || Last < First || Last > 65535
        ? $"The port range {First}-{Last} is empty or leaves 1-65535: give the first and the last port, such as new IcePortRange(50000, 50100)."
        : null;

    /// <inheritdoc/>
    public override string ToString() => $"{First}-{Last}";
}
