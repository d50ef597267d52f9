using Stun;

namespace Ice.Simulation;

/// <summary>How one address of an agent looks from the realm that it shares with the peer.</summary>
/// <param name="Address">The address.</param>
/// <param name="Common">The realm.</param>
/// <param name="Mapping">The strictest mapping on the way there.</param>
/// <param name="Filtering">The strictest filtering on the way there; endpoint-independent where nothing is in the way.</param>
/// <param name="Translated">Whether the address is translated on the way.</param>
/// <param name="Known">Whether the agent can tell the peer an address that leads to it.</param>
/// <param name="Opens">Whether the agent sends checks of its own: a lite agent does not.</param>
/// <param name="Blocked">Whether nothing gets through, and why.</param>
internal sealed record Vantage(
    TransportAddress Address,
    Realm Common,
    NatMapping Mapping,
    NatFiltering Filtering,
    bool Translated,
    bool Known,
    bool Opens,
    string? Blocked);
