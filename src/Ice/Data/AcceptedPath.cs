using Ice.Core;

namespace Ice;

/// <summary>A path that application data is accepted from, with its counters.</summary>
internal sealed record AcceptedPath(IcePath Path, PathTraffic Traffic);
