namespace Ice.Core;

/// <summary>A local candidate of a session, with its base.</summary>
internal sealed record LocalCandidate(IceCandidate Info, LocalBase Base, int Stream)
{
    public ComponentId Component => new(Stream, Info.Component);
}
