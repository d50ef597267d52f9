namespace Stun;

/// <summary>How long a mapping lives without traffic (RFC 5780 §4.6).</summary>
/// <param name="AtLeast">The longest time after which a mapping was still there: keepalives at this interval keep it.</param>
/// <param name="LessThan">The shortest time after which one was gone; null when none was within the time that the test was given.</param>
public readonly record struct NatLifetime(TimeSpan AtLeast, TimeSpan? LessThan);
