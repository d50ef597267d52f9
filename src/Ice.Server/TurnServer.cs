using System.Collections.Immutable;
using System.Net;
using System.Net.Security;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Stun;
using Turn;

namespace Ice.Server;

/// <summary>
/// A STUN and TURN server over UDP, TCP and TLS (RFC 8489, RFC 8656, RFC 6062, RFC 8016, RFC 7635, RFC 5780): for tests, demos and small deployments.
/// </summary>
/// <remarks>Thread-safe. Serves from <see cref="StartAsync"/> until it is stopped or disposed; nothing is left running afterwards.</remarks>
/// <example>
/// <code>
/// await using var server = new TurnServer(new TurnServerOptions
/// {
///     UdpEndPoints = [new IPEndPoint(IPAddress.Loopback, 3478)],
///     Users = new Dictionary&lt;string, string&gt; { ["alice"] = "secret" },
///     Policy = new RelayPolicy { AllowLoopback = true },
/// });
/// await server.StartAsync();
/// </code>
/// </example>
public sealed class TurnServer : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly TurnServerOptions _options;
    private readonly ILogger _logger;
    private readonly TaskTracker _tasks = new();
    private ImmutableArray<UdpListener> _udp = [];
    private ImmutableArray<StreamListener> _streams = [];
    private ServerDriver? _driver;
    private bool _disposed;

    /// <summary>Creates a server; opens nothing yet.</summary>
    /// <exception cref="ArgumentException">The options contradict each other; the message says what to change.</exception>
    public TurnServer(TurnServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ServerSetup.Validate(options);
        _options = options;
        _logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<TurnServer>();
    }

    /// <summary>Where UDP is listened on: empty before the start and after the end.</summary>
    public IReadOnlyList<IPEndPoint> UdpEndPoints => Read(s => s._udp.Select(l => l.EndPoint));

    /// <summary>Where TCP is listened on.</summary>
    public IReadOnlyList<IPEndPoint> TcpEndPoints => Read(s => s._streams.Where(l => !l.IsTls).Select(l => l.EndPoint));

    /// <summary>Where TLS is listened on.</summary>
    public IReadOnlyList<IPEndPoint> TlsEndPoints => Read(s => s._streams.Where(l => l.IsTls).Select(l => l.EndPoint));

    /// <summary>How many loops are running: 0 after disposal.</summary>
    internal int RunningTasks => _tasks.Count;

    /// <summary>Binds all endpoints and begins to serve. When one cannot be bound, none is.</summary>
    /// <exception cref="IOException">An endpoint cannot be bound; the message names it and says what to try.</exception>
    /// <exception cref="InvalidOperationException">The server was started before.</exception>
    /// <exception cref="ObjectDisposedException">The server was disposed.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public Task StartAsync(CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            if (_driver is not null)
                throw new InvalidOperationException("The server was started already: create a new one to start again.");
            using var opened = new OpenedSockets(_options);
            long origin = _options.TimeProvider.GetTimestamp();
            var core = new TurnServerCore(ServerSetup.ToCore(_options, opened), EntropySource.Secure);
            _driver = new ServerDriver(core, _options.TimeProvider, origin, _tasks, _logger);
            Begin(opened, _driver);
            opened.Keep();
        }

        foreach (IPEndPoint endPoint in UdpEndPoints)
            ServerLog.Serving(_logger, "UDP", endPoint);
        foreach (IPEndPoint endPoint in TcpEndPoints)
            ServerLog.Serving(_logger, "TCP", endPoint);
        foreach (IPEndPoint endPoint in TlsEndPoints)
            ServerLog.Serving(_logger, "TLS", endPoint);
        return Task.CompletedTask;
    }

    /// <summary>What happens: allocations, permissions, channels, refusals. Ends with the server. For one reader; a slow one misses the oldest.</summary>
    /// <exception cref="InvalidOperationException">The server was not started.</exception>
    public IAsyncEnumerable<TurnServerEvent> ReadEventsAsync(CancellationToken cancellationToken = default) => Started().Events.ReadAllAsync(cancellationToken);

    /// <summary>What the server has done so far.</summary>
    /// <exception cref="InvalidOperationException">The server was not started.</exception>
    public TurnServerStatistics GetStatistics() => Started().GetStatistics(_streams.Sum(l => l.Refused));

    /// <summary>Stops gracefully: refuses new allocations and streams, waits until the allocations there are have ended, and closes everything.</summary>
    /// <param name="drain">How long to wait; allocations that are still there then are ended.</param>
    /// <param name="cancellationToken">Ends the wait, and the server at once.</param>
    public async Task StopAsync(TimeSpan drain, CancellationToken cancellationToken = default)
    {
        ServerDriver? driver;
        lock (_gate)
            driver = _disposed ? null : _driver;
        if (driver is not null)
        {
            foreach (StreamListener listener in _streams)
                listener.Dispose();
            driver.StopAccepting();
            await WaitAsync(driver.WaitUntilIdleAsync(), drain, cancellationToken).ConfigureAwait(false);
        }

        await DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Ends every allocation, closes every socket and waits until every loop has ended.</summary>
    public async ValueTask DisposeAsync()
    {
        ServerDriver? driver;
        lock (_gate)
        {
            _disposed = true;
            driver = _driver;
        }

        foreach (StreamListener listener in _streams)
            listener.Dispose();
        driver?.Dispose();
        foreach (UdpListener listener in _udp)
            listener.Dispose();
        await _tasks.WaitAsync().ConfigureAwait(false);
    }

    private async Task WaitAsync(Task idle, TimeSpan drain, CancellationToken cancellationToken)
    {
        try
        {
            await idle.WaitAsync(drain, _options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // Time is up: what is left is ended.
            ServerLog.DrainEnded(_logger);
        }
    }

    private void Begin(OpenedSockets opened, ServerDriver driver)
    {
        SslServerAuthenticationOptions? tls = _options.Certificate is null ? null : new SslServerAuthenticationOptions
        {
            ServerCertificate = _options.Certificate,
            // The names of STUN and TURN in ALPN (RFC 7443).
            ApplicationProtocols = [new SslApplicationProtocol("stun.turn"), new SslApplicationProtocol("stun.nat-discovery")],
        };
        _udp = [.. opened.Udp.Select(s => new UdpListener(s, driver, _logger))];
        _streams =
        [
            .. opened.Tcp.Select(s => new StreamListener(s, null, driver, _options, _tasks, _logger)),
            .. opened.Tls.Select(s => new StreamListener(s, tls, driver, _options, _tasks, _logger)),
        ];
        foreach (UdpListener listener in _udp)
            driver.Add(listener);
        foreach (UdpListener listener in _udp)
            _tasks.Run(listener.RunAsync);
        foreach (StreamListener listener in _streams)
            _tasks.Run(listener.RunAsync);
    }

    private ServerDriver Started() => _driver ?? throw new InvalidOperationException("The server was not started: call StartAsync first.");

    private IReadOnlyList<IPEndPoint> Read(Func<TurnServer, IEnumerable<IPEndPoint>> read)
    {
        lock (_gate)
            return _disposed ? [] : [.. read(this)];
    }
}
