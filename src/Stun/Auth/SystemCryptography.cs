using System.Security.Cryptography;

namespace Stun;

/// <summary>Whether a policy wants every hash to be computed by the system's cryptographic library, as one of FIPS 140 does.</summary>
internal static class SystemCryptography
{
    /// <summary>The switch of <see cref="AppContext"/> that demands it.</summary>
    public const string Switch = "Stun.UseSystemCryptography";

    /// <summary>Whether it is demanded: read once, since a policy holds for a process.</summary>
    public static bool IsRequired { get; } = Read();

    /// <summary>Asks for the switch, and for the policy that .NET itself enforces.</summary>
    // .NET of today leaves a policy to the system and enforces none, so that the switch is what counts.
    internal static bool Read() => (AppContext.TryGetSwitch(Switch, out bool required) && required) || CryptoConfig.AllowOnlyFipsAlgorithms;
}
