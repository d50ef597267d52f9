using System.Text.Json;
using Microsoft.Playwright;

namespace BrowserInterop;

/// <summary>Both sides must end on the same pair. Either may still move to a better one after its first, so they get a moment to settle.</summary>
internal static class PairAgreement
{
    public static async Task WaitAsync(IPage page, IceProcess agent, AgentWatch watch, InteropCase test, CancellationToken cancellationToken)
    {
        SelectedPair? browser = null;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(TimeSpan.FromSeconds(5));
        try
        {
            while (true)
            {
                browser = await BrowserHost.ReadSelectedPairAsync(page, patience.Token);
                while (agent.TryNext(out JsonElement line))
                    watch.Take(line);
                if (watch.Pair is { } pair && browser is not null && browser.Mirrors(pair))
                {
                    // Otherwise the case would show nothing that its twin does not.
                    if (!test.Relayed && browser.Local.Hidden != test.HiddenAddresses)
                        throw new InvalidOperationException($"the browser was to {(test.HiddenAddresses ? "hide" : "show")} its address, and did not: {browser.Local}");
                    return;
                }

                // A frame of the page is the pause between two looks.
                _ = await page.EvaluateAsync("() => new Promise(done => setTimeout(done, 50))").WaitAsync(patience.Token);
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new InvalidOperationException($"the sides disagree: the browser selected {browser?.ToString() ?? "nothing"}, the agent {watch.Pair?.ToString() ?? "nothing"}");
        }
    }
}
