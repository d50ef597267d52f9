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

    /// <summary>How many lines about this case's user coturn has logged with a text.</summary>
    public int LogCount(string text) => Server.LogOf(User).Count(l => l.Contains(text, StringComparison.Ordinal));

    /// <summary>Whether there are so many of them, or soon will be: the log comes by a way of its own, which may be slower than the answer.</summary>
    public async Task<bool> LogHasAsync(string text, int count)
    {
        for (int i = 0; i < 60 && LogCount(text) < count; i++)
            await Task.Delay(50, Cancellation);
        return LogCount(text) >= count;
    }
}
