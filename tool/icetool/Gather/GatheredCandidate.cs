using Ice;

namespace IceTool.Gather;

/// <summary>A candidate and how long after the start it came.</summary>
internal readonly record struct GatheredCandidate(IceCandidate Candidate, TimeSpan Age);
