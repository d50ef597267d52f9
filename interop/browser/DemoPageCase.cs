using System.Diagnostics;
using System.Text.Json;
using Microsoft.Playwright;

namespace BrowserInterop;

/// <summary>The page of <c>ice demo</c>: it is opened and connects by itself.</summary>
internal static class DemoPageCase
{
    private static string? s_url;

    public static async Task<TimeSpan> RunAsync(InteropCase test, BrowserHost browsers, IceProcess demo, CancellationToken cancellationToken)
    {
        s_url ??= (await demo.NextAsync("page", cancellationToken)).Text("url");
        while (demo.TryNext(out _))
        {
            // What is left of the case before.
        }

        IPage page = await browsers.OpenAsync(test.HiddenAddresses);
        try
        {
            var clock = Stopwatch.StartNew();
            _ = await page.GotoAsync($"{s_url}?role={(test.AgentOffers ? "answerer" : "offerer")}&trickle={(test.Trickle ? "full" : "none")}").WaitAsync(cancellationToken);
            JsonElement opened = await demo.NextAsync("session", cancellationToken);
            var watch = new AgentWatch(opened.GetProperty("session").GetInt32());
            await BrowserHost.WaitForConnectedAsync(page, cancellationToken);
            TimeSpan connected = clock.Elapsed;
            await PairAgreement.WaitAsync(page, demo, watch, test, cancellationToken);
            _ = await page.WaitForFunctionAsync("() => document.documentElement.dataset.state === 'connected'").WaitAsync(cancellationToken);
            return connected;
        }
        finally
        {
            await page.CloseAsync();
        }
    }
}
