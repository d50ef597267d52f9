using System.Text.Json;
using Microsoft.Playwright;

namespace BrowserInterop;

/// <summary>The browser, once with its addresses hidden behind mDNS names and once without; each starts when it is first needed.</summary>
internal sealed class BrowserHost(string executable) : IAsyncDisposable
{
    // Nothing may leave this machine. Not "MAP * ~NOTFOUND": that also stops the browser from sending to plain addresses over TCP.
    private static readonly string[] s_arguments =
    [
        "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--disable-component-update",
        "--disable-sync", "--disable-domain-reliability", "--disable-breakpad", "--no-pings", "--mute-audio",
        "--host-resolver-rules=MAP *.googleapis.com ~NOTFOUND, MAP *.google.com ~NOTFOUND, MAP *.gvt1.com ~NOTFOUND",
    ];

    private readonly Dictionary<bool, IBrowser> _browsers = [];
    private IPlaywright? _playwright;

    /// <summary>A fresh page that remembers its peer connections in <c>window.peers</c>.</summary>
    public async Task<IPage> OpenAsync(bool hiddenAddresses)
    {
        if (!_browsers.TryGetValue(hiddenAddresses, out IBrowser? browser))
            _browsers[hiddenAddresses] = browser = await LaunchAsync(hiddenAddresses);
        IPage page = await browser.NewPageAsync();
        await page.AddInitScriptAsync("""
            window.peers = [];
            window.RTCPeerConnection = class extends RTCPeerConnection { constructor(...a) { super(...a); window.peers.push(this); } };
            """);
        return page;
    }

    /// <summary>Waits until the browser itself reports the first peer connection's ICE as connected.</summary>
    public static async Task WaitForConnectedAsync(IPage page, CancellationToken cancellationToken)
    {
        Task<string> ended = page.EvaluateAsync<string>("""
            () => new Promise(done => {
              const pc = window.peers[0], look = () => { if (/connected|completed|failed|closed/.test(pc.iceConnectionState)) done(pc.iceConnectionState); };
              pc.addEventListener('iceconnectionstatechange', look); look();
            })
            """);
        string state = await ended.WaitAsync(cancellationToken);
        if (state is not ("connected" or "completed"))
            throw new InvalidOperationException($"the browser reports {state}");
    }

    /// <summary>The browser's selected pair, by transport.selectedCandidatePairId; null while it has none.</summary>
    public static async Task<SelectedPair?> ReadSelectedPairAsync(IPage page, CancellationToken cancellationToken)
    {
        string text = await page.EvaluateAsync<string>("""
            async () => {
              const by = new Map(); (await window.peers[0].getStats()).forEach(s => by.set(s.id, s));
              const transport = [...by.values()].find(s => s.type === 'transport'), pair = transport && by.get(transport.selectedCandidatePairId);
              const side = id => ({ address: by.get(id).address || by.get(id).ip || '', port: by.get(id).port });
              return JSON.stringify(pair ? { local: side(pair.localCandidateId), remote: side(pair.remoteCandidateId) } : null);
            }
            """).WaitAsync(cancellationToken);
        return JsonSerializer.Deserialize<SelectedPair?>(text, JsonSerializerOptions.Web);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IBrowser browser in _browsers.Values)
            await browser.DisposeAsync();
        _playwright?.Dispose();
    }

    private async Task<IBrowser> LaunchAsync(bool hiddenAddresses)
    {
        _playwright ??= await Playwright.CreateAsync();
        string feature = $"--{(hiddenAddresses ? "enable" : "disable")}-features=WebRtcHideLocalIpsWithMdns";
        return await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = executable, Headless = true, Args = [.. s_arguments, feature] });
    }
}
