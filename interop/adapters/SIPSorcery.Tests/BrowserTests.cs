using BrowserInterop;
using Microsoft.Playwright;
using SIPSorcery.Net;

namespace Ice.SIPSorcery.Tests;

/// <summary>Against a real Chromium: on the real interface, or in the network namespace that <c>interop/adapters/run</c> makes.</summary>
[NonParallelizable]
public sealed class BrowserTests
{
    private const string Script = """
        window.make = () => {
          const pc = window.pc = new RTCPeerConnection();
          window.got = [];
          pc.ondatachannel = e => e.channel.onmessage = m => e.channel.send(m.data);
        };
        window.gathered = async description => {
          await pc.setLocalDescription(description);
          if (pc.iceGatheringState !== 'complete')
            await new Promise(done => pc.onicegatheringstatechange = () => pc.iceGatheringState === 'complete' && done());
          return pc.localDescription.sdp;
        };
        """;

    private readonly BrowserHost _browsers = new(FindChromium());

    [OneTimeTearDown]
    public async Task CloseAsync() => await _browsers.DisposeAsync();

    [TestCase(false)]
    [TestCase(true)]
    public async Task A_data_channel_opens_and_echoes_when_Chromium_offers(bool hiddenAddresses)
    {
        await using IcePeerConnection ours = Make();
        IPage page = await OpenAsync(hiddenAddresses);
        ours.ondatachannel += channel => channel.onmessage += (_, _, data) => channel.send(System.Text.Encoding.UTF8.GetString(data));
        string offer = await page.EvaluateAsync<string>("""
            async () => {
              make();
              window.dc = pc.createDataChannel('echo');
              dc.onopen = () => { for (let i = 0; i < 20; i++) dc.send(`message ${i}`); };
              dc.onmessage = m => got.push(m.data);
              return await gathered(await pc.createOffer());
            }
            """);
        Assert.That(ours.setRemoteDescription(new RTCSessionDescriptionInit { type = RTCSdpType.offer, sdp = offer }), Is.EqualTo(SetDescriptionResultEnum.OK));
        RTCSessionDescriptionInit answer = ours.createAnswer();
        await ours.setLocalDescription(answer);
        await page.EvaluateAsync("async sdp => await pc.setRemoteDescription({ type: 'answer', sdp })", answer.sdp);
        await page.WaitForFunctionAsync("() => got.length === 20", null, Wait);
        string[] got = await page.EvaluateAsync<string[]>("() => got");
        Assert.That(got, Is.EqualTo(Enumerable.Range(0, 20).Select(static i => $"message {i}")));
        Assert.That(await page.EvaluateAsync<string>("() => pc.connectionState"), Is.EqualTo("connected"));
        Assert.That(ours.GetIceStats().IceRole, Is.EqualTo(IceRole.Controlled));
    }

    [Test]
    public async Task A_data_channel_opens_and_echoes_when_Chromium_answers_and_after_a_restart()
    {
        await using IcePeerConnection ours = Make();
        IPage page = await OpenAsync();
        await page.EvaluateAsync("() => make()");
        EchoChannel channel = await EchoChannel.CreateAsync(ours, ours);
        await NegotiateAsync(ours, page);
        await Signaling.ConnectedAsync(ours);
        await channel.EchoAsync(20);
        Assert.That(await page.EvaluateAsync<string>("() => pc.connectionState"), Is.EqualTo("connected"));
        Assert.That(ours.GetIceStats().IceRole, Is.EqualTo(IceRole.Controlling));

        TaskCompletionSource again = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ours.oniceconnectionstatechange += state =>
        {
            if (state == RTCIceConnectionState.connected)
                again.TrySetResult();
        };
        ours.restartIce();
        await NegotiateAsync(ours, page);
        await again.Task.WaitAsync(Connections.Limit);
        await channel.EchoAsync(20);
    }

    [Test]
    public async Task The_video_sample_shows_the_browser_its_own_test_pattern()
    {
        await using SampleProcess sample = await SampleProcess.StartAsync("BrowserVideo", SampleProcess.FreePort().ToString());
        IPage page = await OpenAsync();
        await page.GotoAsync(sample.FindUrl());
        await page.WaitForFunctionAsync("() => window.framesDecoded > 25", null, Wait);
        await TestContext.Out.WriteLineAsync($"{await page.EvaluateAsync<int>("() => window.framesDecoded")} frames decoded");
    }

    private static PageWaitForFunctionOptions Wait => new() { Timeout = (float)Connections.Limit.TotalMilliseconds };

    private static IcePeerConnection Make() => new(new RTCConfiguration { X_ICEIncludeAllInterfaceAddresses = true });

    private static async Task NegotiateAsync(IcePeerConnection ours, IPage page)
    {
        RTCSessionDescriptionInit offer = ours.createOffer();
        await ours.setLocalDescription(offer);
        string answer = await page.EvaluateAsync<string>("""
            async sdp => {
              await pc.setRemoteDescription({ type: 'offer', sdp });
              return await gathered(await pc.createAnswer());
            }
            """, offer.sdp);
        Assert.That(ours.setRemoteDescription(new RTCSessionDescriptionInit { type = RTCSdpType.answer, sdp = answer }), Is.EqualTo(SetDescriptionResultEnum.OK));
    }

    private static string FindChromium()
    {
        string? named = Environment.GetEnvironmentVariable("CHROMIUM");
        IEnumerable<string> folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return named ?? folders.Select(static folder => Path.Combine(folder, "chromium")).FirstOrDefault(File.Exists)
            ?? throw new FileNotFoundException("Chromium is not installed: run 'apt-get install chromium' as root, or set CHROMIUM to its path.");
    }

    private async Task<IPage> OpenAsync(bool hiddenAddresses = false)
    {
        IPage page = await _browsers.OpenAsync(hiddenAddresses);
        await page.AddInitScriptAsync(Script);
        await page.RouteAsync("http://127.0.0.1/blank", static route => route.FulfillAsync(new() { ContentType = "text/html", Body = "<!doctype html>" }));
        await page.GotoAsync("http://127.0.0.1/blank");
        return page;
    }
}
