using Stun;

namespace Ice.Core;

/// <summary>A local candidate of a session, with its base.</summary>
/// <param name="Info">What is told of it.</param>
/// <param name="Base">The base.</param>
/// <param name="Server">What tells its foundation from others of its type and base; none for a host candidate.</param>
internal sealed record LocalCandidate(IceCandidate Info, LocalBase Base, TransportAddress Server)
{
    public int Stream => Base.Component.Stream;

    public ComponentId Component => Base.Component;
}
