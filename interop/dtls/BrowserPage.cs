using System.Text.Json;
using BrowserInterop;
using Microsoft.Playwright;

namespace DtlsInterop;

/// <summary>A page with one RTCPeerConnection. Nothing is trickled: descriptions are whole.</summary>
internal sealed class BrowserPage : IAsyncDisposable
{
    private const string PageUrl = "http://127.0.0.1/dtls";

    private readonly IPage _page;

    private BrowserPage(IPage page) => _page = page;

    /// <param name="browsers">The browser.</param>
    /// <param name="configuration">The peer connection's, as JSON.</param>
    /// <param name="media">Whether it sends audio and video, or opens a data channel.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task<BrowserPage> OpenAsync(BrowserHost browsers, string configuration, bool media, CancellationToken cancellationToken)
    {
        IPage page = await browsers.OpenAsync(hiddenAddresses: false);
        await page.RouteAsync(PageUrl, route => route.FulfillAsync(new() { ContentType = "text/html", Body = "<!doctype html><title>dtls</title><canvas width=320 height=240></canvas>" }));
        _ = await page.GotoAsync(PageUrl).WaitAsync(cancellationToken);
        // Audio needs a gesture of the user's.
        await page.Mouse.ClickAsync(5, 5).WaitAsync(cancellationToken);
        _ = await page.EvaluateAsync("""
            async ([configuration, media]) => {
              const pc = new RTCPeerConnection(JSON.parse(configuration));
              if (!media) { pc.createDataChannel('data'); return; }
              const audio = new AudioContext(), tone = audio.createOscillator(), sink = audio.createMediaStreamDestination();
              tone.connect(sink); tone.start(); await audio.resume();
              const canvas = document.querySelector('canvas'), draw = canvas.getContext('2d');
              let frame = 0;
              setInterval(() => { draw.fillStyle = `hsl(${frame++ * 7 % 360} 80% 50%)`; draw.fillRect(frame * 5 % 320, 0, 90, 240); }, 33);
              for (const track of [...sink.stream.getTracks(), ...canvas.captureStream(30).getTracks()])
                pc.addTransceiver(track, { direction: 'sendonly' });
            }
            """, new object[] { configuration, media }).WaitAsync(cancellationToken);
        return new BrowserPage(page);
    }

    /// <summary>Makes an offer or an answer with every candidate in it.</summary>
    public Task<string> DescribeAsync(bool offer, CancellationToken cancellationToken) => _page.EvaluateAsync<string>("""
        async create => {
          const pc = peers[0];
          await pc.setLocalDescription(await pc[create]());
          if (pc.iceGatheringState !== 'complete')
            await new Promise(done => pc.addEventListener('icegatheringstatechange', () => { if (pc.iceGatheringState === 'complete') done(); }));
          return pc.localDescription.sdp;
        }
        """, offer ? "createOffer" : "createAnswer").WaitAsync(cancellationToken);

    /// <summary>The same for an ICE restart, begun by the browser (offer) or by us.</summary>
    public Task<string> DescribeAgainAsync(bool offer, CancellationToken cancellationToken) => _page.EvaluateAsync<string>("""
        async create => {
          const pc = peers[0];
          const gathered = new Promise(done => pc.onicecandidate = e => { if (!e.candidate) done(); });
          await pc.setLocalDescription(await pc[create]({ iceRestart: true }));
          await gathered;
          return pc.localDescription.sdp;
        }
        """, offer ? "createOffer" : "createAnswer").WaitAsync(cancellationToken);

    public Task SetRemoteAsync(bool offer, string sdp, CancellationToken cancellationToken) =>
        _page.EvaluateAsync("([type, sdp]) => peers[0].setRemoteDescription({ type, sdp })", new object[] { offer ? "offer" : "answer", sdp }).WaitAsync(cancellationToken);

    /// <summary>The first of connected, failed and closed that connectionState becomes: connected says that ICE and DTLS are done.</summary>
    public Task<string> WaitForEndAsync(CancellationToken cancellationToken) => _page.EvaluateAsync<string>("""
        () => new Promise(done => {
          const pc = peers[0], look = () => { if (['connected', 'failed', 'closed'].includes(pc.connectionState)) done(pc.connectionState); };
          pc.addEventListener('connectionstatechange', look); look();
        })
        """).WaitAsync(cancellationToken);

    /// <summary>What the browser says of its transport.</summary>
    public async Task<BrowserTransport> ReadTransportAsync(CancellationToken cancellationToken)
    {
        string text = await _page.EvaluateAsync<string>("""
            async () => {
              const by = new Map(); (await peers[0].getStats()).forEach(s => by.set(s.id, s));
              const t = [...by.values()].find(s => s.type === 'transport'), pair = by.get(t.selectedCandidatePairId) || {};
              const type = id => (by.get(id) || {}).candidateType || '';
              const print = id => (by.get(id) || {}).fingerprint || '';
              return JSON.stringify({ ice: peers[0].iceConnectionState, dtls: t.dtlsState, version: t.tlsVersion || '', cipher: t.dtlsCipher || '', srtp: t.srtpCipher || '',
                local: type(pair.localCandidateId), remote: type(pair.remoteCandidateId), remoteFingerprint: print(t.remoteCertificateId), packetsReceived: t.packetsReceived });
            }
            """).WaitAsync(cancellationToken);
        return JsonSerializer.Deserialize<BrowserTransport>(text, JsonSerializerOptions.Web)!;
    }

    public async ValueTask DisposeAsync() => await _page.CloseAsync();
}
