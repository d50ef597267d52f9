using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace PeersInterop.Browser;

/// <summary>
/// A browser as a peer program: a page of its own, on loopback, has an RTCPeerConnection; the commands from the input and the lines for the output
/// go over a WebSocket. Neither a driver nor a debugging protocol: it is the same for every browser.
/// </summary>
internal sealed class BrowserPeer(string kind, string config)
{
    private static readonly TimeSpan s_closing = TimeSpan.FromMilliseconds(300);

    private readonly TaskCompletionSource<WebSocket> _page = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Runs until the input ends or says close.</summary>
    public async Task<int> RunAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(HasIPv4() ? IPAddress.Loopback : IPAddress.IPv6Loopback, 0));
        await using WebApplication server = builder.Build();
        server.UseWebSockets();
        server.MapGet("/", () => Results.Text(Resource("page.html"), "text/html"));
        server.MapGet("/peer.js", () => Results.Text(Resource("peer.js"), "text/javascript"));
        server.Map("/peer", TalkAsync);
        await server.StartAsync();
        using BrowserProcess browser = BrowserProcess.Start(kind, server.Urls.First(), hidesAddresses: config.Contains("\"mdns\":true", StringComparison.Ordinal));
        await ForwardInputAsync();
        return 0;
    }

    // Firefox gathers addresses of the family by which it reached the page, and then of the other: without the first it has none at all.
    private static bool HasIPv4() => NetworkInterface.GetAllNetworkInterfaces()
        .SelectMany(i => i.GetIPProperties().UnicastAddresses)
        .Any(a => a.Address.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a.Address));

    private static string Resource(string name)
    {
        using var reader = new StreamReader(typeof(BrowserPeer).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private async Task ForwardInputAsync()
    {
        WebSocket? page = null;
        while (await Console.In.ReadLineAsync() is { } line)
        {
            page ??= await _page.Task;
            await SendAsync(page, line);
            if (line.Contains("\"close\"", StringComparison.Ordinal))
                break;
        }

        // The page says goodbye to its peers.
        using var timer = new PeriodicTimer(s_closing);
        await timer.WaitForNextTickAsync();
    }

    // What the page says, to the output.
    private async Task TalkAsync(HttpContext context)
    {
        using WebSocket page = await context.WebSockets.AcceptWebSocketAsync();
        await SendAsync(page, config);
        _page.TrySetResult(page);
        byte[] buffer = new byte[65536];
        var text = new StringBuilder();
        while (page.State == WebSocketState.Open)
        {
            WebSocketReceiveResult part;
            try
            {
                part = await page.ReceiveAsync(new ArraySegment<byte>(buffer), CancellationToken.None);
            }
            catch (WebSocketException)
            {
                return;
            }

            text.Append(Encoding.UTF8.GetString(buffer, 0, part.Count));
            if (!part.EndOfMessage)
                continue;
            Console.WriteLine(text);
            text.Clear();
        }
    }

    private static Task SendAsync(WebSocket page, string text) => page.SendAsync(new ArraySegment<byte>(Encoding.UTF8.GetBytes(text)), WebSocketMessageType.Text, true, CancellationToken.None);
}
