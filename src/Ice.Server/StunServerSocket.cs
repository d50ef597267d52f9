using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;
using Stun;

namespace Ice.Server;

/// <summary>One bound UDP socket of a server, its receive loop and its counters.</summary>
internal sealed class StunServerSocket : IDisposable
{
    // The largest datagram of interest: longer ones are no Binding request and are cut by the system.
    private const int ReceiveLength = 2048;

    // When the system refuses so many receives in a row, the socket will not recover.
    private const int MaxConsecutiveErrors = 100;

    private static readonly int s_outcomes = Enum.GetValues<BindingOutcome>().Length;

    private readonly Socket _socket;
    private readonly BindingResponder _responder;
    private readonly ILogger _logger;
    private readonly long[] _counts = new long[s_outcomes];
    private long _answered;
    private long _sendFailures;
    private volatile bool _disposed;

    private StunServerSocket(Socket socket, BindingResponder responder, ILogger logger)
    {
        _socket = socket;
        _responder = responder;
        _logger = logger;
        EndPoint = (IPEndPoint)socket.LocalEndPoint!;
    }

    public IPEndPoint EndPoint { get; }

    public long Answered => Volatile.Read(ref _answered);

    public long SendFailures => Volatile.Read(ref _sendFailures);

    public long Received
    {
        get
        {
            long sum = 0;
            for (int i = 0; i < _counts.Length; i++)
                sum += Volatile.Read(ref _counts[i]);
            return sum;
        }
    }

    public static StunServerSocket Bind(IPEndPoint endPoint, BindingResponder responder, ILogger logger)
    {
        var socket = new Socket(endPoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (endPoint.AddressFamily == AddressFamily.InterNetworkV6)
                socket.DualMode = false;
            // Windows reports the ICMP error of an earlier answer on the next receive unless told not to (SIO_UDP_CONNRESET).
            if (OperatingSystem.IsWindows())
                _ = socket.IOControl(unchecked((int)0x9800000C), [0, 0, 0, 0], null);
            socket.Blocking = false;
            socket.Bind(endPoint);
            return new StunServerSocket(socket, responder, logger);
        }
        catch (SocketException exception)
        {
            socket.Dispose();
            throw new IOException(Explain(endPoint, exception), exception);
        }
    }

    public long GetCount(BindingOutcome outcome) => Volatile.Read(ref _counts[(int)outcome]);

    public void Dispose()
    {
        _disposed = true;
        _socket.Dispose();
    }

    public async Task RunAsync()
    {
        // Pinned once: neither the receive nor the send then needs to pin anything for a datagram.
        Memory<byte> request = GC.AllocateUninitializedArray<byte>(ReceiveLength, pinned: true);
        Memory<byte> response = GC.AllocateUninitializedArray<byte>(BindingResponder.MaxResponseLength, pinned: true);
        var source = new SocketAddress(_socket.AddressFamily);
        int errors = 0;
        while (!_disposed)
        {
            try
            {
                int received = await _socket.ReceiveFromAsync(request, SocketFlags.None, source).ConfigureAwait(false);
                errors = 0;
                int length = _responder.Respond(request.Span[..received], SocketAddressConverter.ToTransportAddress(source), response.Span, out BindingOutcome outcome);
                Count(outcome);
                if (length > 0)
                    Send(response.Span[..length], source);
            }
            catch (ObjectDisposedException) when (_disposed)
            {
                return;
            }
            catch (SocketException) when (_disposed)
            {
                return;
            }
            catch (SocketException exception) when (++errors < MaxConsecutiveErrors)
            {
                // Such as a datagram that was too long (Windows) or an ICMP error: nothing that ends the service.
                ServerLog.ReceiveFailed(_logger, EndPoint, exception.SocketErrorCode);
            }
            catch (SocketException exception)
            {
                ServerLog.SocketLost(_logger, EndPoint, exception);
                throw new IOException($"The socket {EndPoint} failed {MaxConsecutiveErrors} times in a row and was given up: {exception.Message}", exception);
            }
        }
    }

    private static string Explain(IPEndPoint endPoint, SocketException exception) => exception.SocketErrorCode switch
    {
        SocketError.AddressAlreadyInUse => $"UDP {endPoint} is in use by another program: choose another port, or 0 for a free one.",
        SocketError.AddressNotAvailable => $"UDP {endPoint} cannot be bound: no interface of this machine has that address.",
        SocketError.AccessDenied => $"UDP {endPoint} may not be bound: ports below 1024 need privileges; choose another, such as 3478.",
        _ => $"UDP {endPoint} cannot be bound: {exception.Message}",
    };

    private void Send(ReadOnlySpan<byte> response, SocketAddress destination)
    {
        try
        {
            // Never waits, because the socket does not block: the client retransmits, and a server that waits for room for one client
            // would make every other one wait too.
            _ = _socket.SendTo(response, SocketFlags.None, destination);
            Volatile.Write(ref _answered, _answered + 1);
        }
        catch (SocketException exception) when (!_disposed)
        {
            Volatile.Write(ref _sendFailures, _sendFailures + 1);
            ServerLog.SendFailed(_logger, EndPoint, exception.SocketErrorCode);
        }
    }

    // The loop is the only writer.
    private void Count(BindingOutcome outcome)
    {
        ref long count = ref _counts[(int)outcome];
        Volatile.Write(ref count, count + 1);
        if (_logger.IsEnabled(LogLevel.Trace))
            ServerLog.Handled(_logger, EndPoint, outcome);
    }
}
