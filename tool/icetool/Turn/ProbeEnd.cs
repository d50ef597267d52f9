namespace IceTool.Turn;

/// <summary>How a probe leaves a server: without allocations that nobody uses.</summary>
internal static class ProbeEnd
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(1);

    /// <summary>Has the server delete the allocation if it answers soon, and closes the path to it.</summary>
    public static async Task CloseAsync(TurnSession session)
    {
        await using (session.ConfigureAwait(false))
        {
            using var patience = new CancellationTokenSource(s_patience);
            try
            {
                await session.CloseAsync(patience.Token).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is TurnSessionException or OperationCanceledException)
            {
                // It expires by itself.
            }
        }
    }
}
