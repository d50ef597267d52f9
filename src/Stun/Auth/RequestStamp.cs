namespace Stun;

/// <summary>How a request was signed by a <see cref="LongTermClient"/>: to be kept with the transaction and handed back with its response.</summary>
/// <remarks>The default value is that of a request without authentication.</remarks>
public readonly record struct RequestStamp
{
    internal RequestStamp(LongTermChallenge challenge) => Challenge = challenge;

    /// <summary>Which integrity attribute the request carried.</summary>
    public StunIntegrity Integrity => Challenge?.Integrity ?? StunIntegrity.None;

    internal LongTermChallenge? Challenge { get; }
}
