using System.Collections.Immutable;
using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Ice.Server;

/// <summary>A STUN Binding server over UDP, IPv4 and IPv6 (RFC 8489): for tests, demos and small deployments.</summary>
/// <remarks>Thread-safe. Serves from <see cref="StartAsync"/> until it is disposed; a datagram costs no allocation and cannot stop it.</remarks>
/// <example>
/// <code>
/// await using var server = new StunServer(new StunServerOptions { EndPoints = [new IPEndPoint(IPAddress.Loopback, 3478)] });
/// await server.StartAsync();
/// </code>
/// </example>
public sealed class StunServer : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly StunServerOptions _options;
    private readonly BindingResponder _responder;
    private readonly ILogger _logger;
    private ImmutableArray<StunServerSocket> _sockets = [];
    private Task _completion = Task.CompletedTask;
    private bool _started;
    private bool _disposed;

    /// <summary>Creates a server; opens nothing yet.</summary>
    /// <exception cref="ArgumentException">There is no endpoint, one that is neither IPv4 nor IPv6, or SOFTWARE is too long.</exception>
    public StunServer(StunServerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.EndPoints is not { Count: > 0 })
            throw new ArgumentException("The server needs an endpoint to listen on, such as new IPEndPoint(IPAddress.Loopback, 3478).", nameof(options));
        if (options.EndPoints.FirstOrDefault(e => e?.AddressFamily is not (AddressFamily.InterNetwork or AddressFamily.InterNetworkV6)) is { } wrong)
            throw new ArgumentException($"{wrong} is neither an IPv4 nor an IPv6 endpoint.", nameof(options));
        _options = options;
        _responder = new BindingResponder(options.Software);
        _logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<StunServer>();
    }

    /// <summary>The addresses and ports that are listened on: empty before the start and after the end.</summary>
    public IReadOnlyList<IPEndPoint> BoundEndPoints
    {
        get
        {
            lock (_gate)
                return _disposed ? [] : [.. _sockets.Select(s => s.EndPoint)];
        }
    }

    /// <summary>Ends when every socket has ended: after disposal, or (with a fault) when the system takes a socket away.</summary>
    public Task Completion
    {
        get
        {
            lock (_gate)
                return _completion;
        }
    }

    /// <summary>Datagrams received since the start.</summary>
    public long Received => SumOver(static s => s.Received);

    /// <summary>Answers sent since the start, 420 included.</summary>
    public long Answered => SumOver(static s => s.Answered);

    /// <summary>Answers that the system did not take, such as when its send buffer was full.</summary>
    public long SendFailures => SumOver(static s => s.SendFailures);

    /// <summary>How many datagrams had an outcome since the start.</summary>
    public long GetCount(BindingOutcome outcome) => SumOver(s => s.GetCount(outcome));

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
            if (_started)
                throw new InvalidOperationException("The server was started already: create a new one to start again.");
            _sockets = BindAll();
            _started = true;
            _completion = Task.WhenAll(_sockets.Select(s => s.RunAsync()));
        }

        foreach (StunServerSocket socket in _sockets)
            ServerLog.Listening(_logger, socket.EndPoint);
        return Task.CompletedTask;
    }

    /// <summary>Closes the sockets and waits until the last datagram has been dealt with. Counters stay readable.</summary>
    public async ValueTask DisposeAsync()
    {
        Task completion;
        lock (_gate)
        {
            _disposed = true;
            completion = _completion;
            foreach (StunServerSocket socket in _sockets)
                socket.Dispose();
        }

        await completion.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static IEnumerable<IPEndPoint> Expand(IPEndPoint endPoint)
    {
        if (!endPoint.Address.Equals(IPAddress.Any) && !endPoint.Address.Equals(IPAddress.IPv6Any))
            return [endPoint];
        // RFC 8489 §6.3.1.2: "the source IP address and port of the response are equal to the destination IP address and port of the
        // received request message": with one socket for each address the system sees to that.
        return NetworkInterface.GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .Where(a => a.AddressFamily == endPoint.AddressFamily)
            .Distinct()
            .Select(a => new IPEndPoint(a, endPoint.Port));
    }

    private ImmutableArray<StunServerSocket> BindAll()
    {
        ImmutableArray<StunServerSocket>.Builder sockets = ImmutableArray.CreateBuilder<StunServerSocket>();
        try
        {
            foreach (IPEndPoint endPoint in _options.EndPoints.SelectMany(Expand))
                sockets.Add(StunServerSocket.Bind(endPoint, _responder, _logger));
        }
        catch
        {
            foreach (StunServerSocket socket in sockets)
                socket.Dispose();
            throw;
        }

        return sockets.Count > 0
            ? sockets.ToImmutable()
            : throw new IOException($"No interface has an address that {string.Join(", ", _options.EndPoints)} stands for: name an address to listen on.");
    }

    private long SumOver(Func<StunServerSocket, long> counter)
    {
        long sum = 0;
        foreach (StunServerSocket socket in _sockets)
            sum += counter(socket);
        return sum;
    }
}
