namespace Ice.Core;

/// <summary>What the driver knows of a base.</summary>
public sealed record BaseTraits
{
    /// <summary>The local preference of the base's candidates, 0 to 65535, unique per base (RFC 8445 §5.1.2.1, RFC 8421).</summary>
    public int LocalPreference { get; init; } = 65535;

    /// <summary>The interface's name, for display and logs.</summary>
    public string? InterfaceName { get; init; }

    /// <summary>Whether the host candidate is signalled; false gathers reflexive candidates on a base that stays private (RFC 8828).</summary>
    public bool SignalHost { get; init; } = true;

    /// <summary>Whether the socket was opened for <see cref="IceEvent.OpenGuessBases"/>: it gathers, signals and pairs nothing.</summary>
    public bool ForGuessing { get; init; }
}
