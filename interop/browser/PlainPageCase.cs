using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Playwright;

namespace BrowserInterop;

/// <summary>A page that only creates an RTCPeerConnection with a data channel, against <c>ice peer</c>. The signalling is this harness.</summary>
internal sealed class PlainPageCase : IAsyncDisposable
{
    private const string PageUrl = "http://127.0.0.1/bare";

    private readonly InteropCase _test;
    private readonly IPage _page;
    private readonly IceProcess _agent;
    private readonly AgentWatch _watch = new();
    private readonly Lock _gate = new();
    private readonly List<string?> _held = [];
    private bool _remoteSent;

    private PlainPageCase(InteropCase test, IPage page, IceProcess agent)
    {
        _test = test;
        _page = page;
        _agent = agent;
    }

    public static async Task<TimeSpan> RunAsync(InteropCase test, BrowserHost browsers, RelayServer relay, string iceDll, CancellationToken cancellationToken)
    {
        var config = new JsonObject { ["role"] = test.AgentOffers ? "controlling" : "controlled", ["trickle"] = test.Trickle, ["mdns"] = test.HiddenAddresses };
        if (test.Relayed)
            await relay.AddToAsync(config, cancellationToken);
        string browser = test.Relayed ? await relay.DescribeForBrowserAsync(cancellationToken) : "{}";
        await using var running = new PlainPageCase(test, await browsers.OpenAsync(test.HiddenAddresses), IceProcess.Start(iceDll, ["peer", config.ToJsonString()]));
        return await running.RunAsync(browser, cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _page.CloseAsync();
        await _agent.SendAsync(new JsonObject { ["cmd"] = "close" });
        await _agent.DisposeAsync();
    }

    private async Task<TimeSpan> RunAsync(string browserConfiguration, CancellationToken cancellationToken)
    {
        await _page.RouteAsync(PageUrl, route => route.FulfillAsync(new() { ContentType = "text/html", Body = "<!doctype html><title>bare</title>" }));
        await _page.ExposeFunctionAsync<string?, Task>("candidateFound", BrowserCandidateAsync);
        _ = await _page.GotoAsync(PageUrl).WaitAsync(cancellationToken);
        JsonElement local = await _agent.NextAsync("local", cancellationToken);
        var clock = Stopwatch.StartNew();
        await _agent.SendAsync(new JsonObject { ["cmd"] = "gather" });
        _ = await _page.EvaluateAsync("""
            configuration => {
              const pc = new RTCPeerConnection(JSON.parse(configuration));
              pc.createDataChannel('data');
              pc.onicecandidate = e => window.candidateFound(e.candidate ? e.candidate.candidate : null);
            }
            """, browserConfiguration).WaitAsync(cancellationToken);
        List<string> candidates = _test.Trickle ? [] : await GatherAllAsync(cancellationToken);
        if (_test.AgentOffers)
        {
            await _page.EvaluateAsync("sdp => peers[0].setRemoteDescription({ type: 'offer', sdp })", SdpText.Offer(local.Text("ufrag"), local.Text("pwd"), candidates, !_test.Trickle)).WaitAsync(cancellationToken);
            await SendRemoteAsync(await DescribeAsync("createAnswer", cancellationToken));
        }
        else
        {
            string offer = await DescribeAsync("createOffer", cancellationToken);
            await SendRemoteAsync(offer);
            await _page.EvaluateAsync("sdp => peers[0].setRemoteDescription({ type: 'answer', sdp })", SdpText.Answer(offer, local.Text("ufrag"), local.Text("pwd"), candidates, !_test.Trickle)).WaitAsync(cancellationToken);
        }

        Task connected = BrowserHost.WaitForConnectedAsync(_page, cancellationToken);
        await RelayUntilAsync(connected, cancellationToken);
        TimeSpan elapsed = clock.Elapsed;
        await PairAgreement.WaitAsync(_page, _agent, _watch, _test, cancellationToken);
        return elapsed;
    }

    private async Task<List<string>> GatherAllAsync(CancellationToken cancellationToken)
    {
        var candidates = new List<string>();
        while (true)
        {
            JsonElement line = await _agent.NextAsync(cancellationToken);
            if (line.Is("candidate"))
                candidates.Add(line.Text("candidate"));
            else if (line.Is("gathered"))
                return candidates;
        }
    }

    // What the agent says while it gathers and checks: its candidates go to the browser.
    private async Task RelayUntilAsync(Task end, CancellationToken cancellationToken)
    {
        while (!end.IsCompleted)
        {
            while (_agent.TryNext(out JsonElement line))
            {
                _watch.Take(line);
                if (_test.Trickle && line.Is("candidate"))
                    await _page.EvaluateAsync("candidate => peers[0].addIceCandidate({ candidate, sdpMLineIndex: 0 })", line.Text("candidate")).WaitAsync(cancellationToken);
            }

            await await Task.WhenAny(end, _agent.WaitForLineAsync(cancellationToken));
        }

        await end;
    }

    private async Task<string> DescribeAsync(string create, CancellationToken cancellationToken) => await _page.EvaluateAsync<string>("""
        async ([create, whole]) => {
          const pc = peers[0];
          await pc.setLocalDescription(await pc[create]());
          if (whole && pc.iceGatheringState !== 'complete')
            await new Promise(done => pc.addEventListener('icegatheringstatechange', () => { if (pc.iceGatheringState === 'complete') done(); }));
          return pc.localDescription.sdp;
        }
        """, new object[] { create, !_test.Trickle }).WaitAsync(cancellationToken);

    private async Task SendRemoteAsync(string sdp)
    {
        var command = new JsonObject { ["cmd"] = "remote", ["ufrag"] = SdpText.Value(sdp, "ice-ufrag"), ["pwd"] = SdpText.Value(sdp, "ice-pwd"), ["end"] = !_test.Trickle };
        command["candidates"] = new JsonArray([.. (_test.Trickle ? [] : SdpText.Candidates(sdp)).Select(c => JsonValue.Create(c))]);
        await _agent.SendAsync(command);
        List<string?> held;
        lock (_gate)
        {
            _remoteSent = true;
            held = [.. _held];
        }

        foreach (string? candidate in held)
            await TrickleAsync(candidate);
    }

    private async Task BrowserCandidateAsync(string? candidate)
    {
        lock (_gate)
        {
            if (!_remoteSent)
            {
                _held.Add(candidate);
                return;
            }
        }

        await TrickleAsync(candidate);
    }

    private Task TrickleAsync(string? candidate) => !_test.Trickle
        ? Task.CompletedTask
        : string.IsNullOrEmpty(candidate)
            ? _agent.SendAsync(new JsonObject { ["cmd"] = "end" })
            : _agent.SendAsync(new JsonObject { ["cmd"] = "candidate", ["candidate"] = candidate });
}
