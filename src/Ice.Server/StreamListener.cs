using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Stun;
using Turn;

namespace Ice.Server;

/// <summary>One TCP listener on which clients reach the server, with or without TLS.</summary>
internal sealed class StreamListener : IDisposable
{
    private readonly Socket _socket;
    private readonly SslServerAuthenticationOptions? _tls;
    private readonly ServerDriver _driver;
    private readonly TurnServerOptions _options;
    private readonly TaskTracker _tasks;
    private readonly ILogger _logger;
    private readonly TransportAddress _local;
    private long _refused;
    private volatile bool _disposed;

    public StreamListener(Socket socket, SslServerAuthenticationOptions? tls, ServerDriver driver, TurnServerOptions options, TaskTracker tasks, ILogger logger)
    {
        _socket = socket;
        _tls = tls;
        _driver = driver;
        _options = options;
        _tasks = tasks;
        _logger = logger;
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
        _local = TransportAddress.FromIPAddress(EndPoint.Address, EndPoint.Port);
    }

    public IPEndPoint EndPoint { get; }

    public bool IsTls => _tls is not null;

    public long Refused => Volatile.Read(ref _refused);

    public void Dispose()
    {
        _disposed = true;
        _socket.Dispose();
    }

    public async Task RunAsync()
    {
        while (!_disposed)
        {
            try
            {
                Take(await _socket.AcceptAsync().ConfigureAwait(false));
            }
            catch (Exception exception) when (_disposed && exception is ObjectDisposedException or SocketException)
            {
                return;
            }
            catch (SocketException exception)
            {
                // The client was gone before it was accepted, or there are no descriptors: then a pause keeps the loop from spinning.
                ServerLog.ReceiveFailed(_logger, EndPoint, exception.SocketErrorCode);
                if (exception.SocketErrorCode == SocketError.TooManyOpenSockets)
                    await Task.Delay(TimeSpan.FromMilliseconds(100), _options.TimeProvider, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private void Take(Socket socket)
    {
        if (_driver.StreamCount >= _options.MaxStreams || socket.RemoteEndPoint is not IPEndPoint remote)
        {
            Volatile.Write(ref _refused, _refused + 1);
            socket.Dispose();
            return;
        }

        socket.NoDelay = true;
        var path = new FiveTuple(StunTransport.Tcp, TransportAddress.FromIPAddress(remote.Address, remote.Port), _local);
#pragma warning disable CA2000 // its loop disposes it
        var stream = new ClientStream(socket, path, _driver, _options.TimeProvider, _options.IdleStreamTimeout);
#pragma warning restore CA2000
        if (_driver.TryAdd(stream))
            _tasks.Run(() => stream.RunAsync(_tls));
        else
            socket.Dispose();
    }
}
