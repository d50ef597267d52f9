using Stun;
using Turn;

namespace CoturnInterop;

/// <summary>What a case works with.</summary>
/// <param name="Server">The coturn.</param>
/// <param name="User">A user of this case alone, by which its lines are found in the log.</param>
/// <param name="Cancellation">Ends the case when its time is over.</param>
internal sealed record CaseContext(Coturn Server, string User, CancellationToken Cancellation)
{
    /// <summary>The credential of the user, as the server's kind has it.</summary>
    public LongTermCredential Credential => Server.CredentialOf(User);

    // coturn keeps to its --max-allocate-lifetime only where a lifetime is asked for.
    public TurnClientOptions Options(TurnRelayFamily family = TurnRelayFamily.Default) =>
        new() { Server = default, Credential = Credential, RelayFamily = family, Lifetime = TurnDefaults.MaxLifetime, Software = "IceAgent" };
}
