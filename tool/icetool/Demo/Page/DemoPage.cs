using System.Net;
using System.Net.WebSockets;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IceTool.Demo.Page;

/// <summary>Serves the page and its signaling on 127.0.0.1: an agent for each browser that opens it.</summary>
internal sealed class DemoPage(IDemoNarrator narrator) : IAsyncDisposable
{
    // A page holds an agent and its sockets; more at once is no demo any more.
    private const int MaxSessions = 16;

    private readonly CancellationTokenSource _closing = new();
    private WebApplication? _app;
    private int _lastSession;
    private int _sessions;

    /// <summary>Starts to serve.</summary>
    /// <param name="port">The port; 0 takes a free one.</param>
    /// <param name="orFree">Whether a free one will do when that is taken.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public async Task<Uri> StartAsync(int port, bool orFree)
    {
        _app = Build(port);
        try
        {
            await _app.StartAsync().ConfigureAwait(false);
        }
        catch (IOException) when (orFree)
        {
            await _app.DisposeAsync().ConfigureAwait(false);
            _app = Build(0);
            await _app.StartAsync().ConfigureAwait(false);
        }

        IServerAddressesFeature addresses = _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        return new Uri(addresses.Addresses.First());
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync().ConfigureAwait(false);
        if (_app is not null)
        {
            await _app.StopAsync().ConfigureAwait(false);
            await _app.DisposeAsync().ConfigureAwait(false);
        }

        _closing.Dispose();
    }

    // Another site's page could have its visitor's browser call this server: by its own name that resolves to 127.0.0.1 (the Host tells), or
    // across origins (the Origin tells).
    private static bool IsFromHere(HttpRequest request)
    {
        if (request.Host.Host is not ("127.0.0.1" or "localhost"))
            return false;
        string origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || string.Equals(origin, $"http://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }

    private static async Task ServePageAsync(HttpContext context)
    {
        context.Response.ContentType = "text/html; charset=utf-8";
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.ContentSecurityPolicy =
            "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
        await context.Response.Body.WriteAsync(PageDocument.Html, context.RequestAborted).ConfigureAwait(false);
    }

    private WebApplication Build(int port)
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        _ = builder.Logging.ClearProviders();
        _ = builder.Services.Configure<KestrelServerOptions>(options =>
        {
            options.AddServerHeader = false;
            options.Listen(IPAddress.Loopback, port);
        });
        WebApplication app = builder.Build();
        _ = app.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(15) });
        _ = app.Use(async (context, next) =>
        {
            if (IsFromHere(context.Request))
                await next(context).ConfigureAwait(false);
            else
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
        });
        _ = app.MapGet("/", ServePageAsync);
        _ = app.Map("/signalling", (RequestDelegate)SignalAsync);
        return app;
    }

    private async Task SignalAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync().ConfigureAwait(false);
        string? problem = PageOptions.TryParse(context.Request.Query["role"], context.Request.Query["trickle"], out PageOptions options);
        if (Interlocked.Increment(ref _sessions) > MaxSessions)
            problem = $"{MaxSessions} pages are open already: close one and connect again.";
        try
        {
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, context.RequestAborted);
            var session = new PageSession(Interlocked.Increment(ref _lastSession), new PageSocket(socket), options, narrator);
            await using (session.ConfigureAwait(false))
                await session.RunAsync(problem, ending.Token).ConfigureAwait(false);
        }
        finally
        {
            _ = Interlocked.Decrement(ref _sessions);
        }
    }
}
