namespace Ice.Core;

/// <summary>The attributes of a connectivity check (RFC 8445 §7.1, §7.2.2).</summary>
internal readonly record struct CheckContent(RemoteSide Remote, uint Priority, IceRole Role, ulong TieBreaker, bool UseCandidate);
