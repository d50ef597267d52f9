using Stun;

namespace Ice.Core;

/// <summary>What makes a <see cref="GatheringServer"/> a TURN server.</summary>
/// <param name="Transport">How it is reached.</param>
/// <param name="Credential">The user name and password.</param>
public sealed record RelaySettings(RelayTransport Transport, LongTermCredential Credential)
{
    /// <summary>Whether an IPv4 address is wanted.</summary>
    public bool IPv4 { get; init; } = true;

    /// <summary>Whether an IPv6 address is wanted.</summary>
    public bool IPv6 { get; init; } = true;

    /// <summary>The transport and the user, without the password.</summary>
    public override string ToString() => $"{Transport} as {Credential.Username}";
}
