namespace Ice.Core;

/// <summary>A check that was answered before the peer's credentials were known (RFC 8445 §7.3).</summary>
internal readonly record struct EarlyRequest(LocalBase Base, IcePath Path, uint Priority, bool UseCandidate, string RemoteUsernameFragment);
