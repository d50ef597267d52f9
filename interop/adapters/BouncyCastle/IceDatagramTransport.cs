using Microsoft.Extensions.Logging;
using Org.BouncyCastle.Tls;
using Stun;

namespace Ice.BouncyCastle;

/// <summary>
/// The transport that BouncyCastle's <see cref="DtlsClientProtocol"/> and <see cref="DtlsServerProtocol"/> run over: the selected pair of a
/// component, whichever it is at the time. Only DTLS goes to BouncyCastle (RFC 7983 §7); everything else goes to
/// <see cref="IceDatagramTransportOptions.OtherDatagrams"/>.
/// </summary>
/// <remarks>
/// It receives for the component from its making on, so the agent must have no <see cref="IceAgentOptions.DatagramHandler"/> and nobody else may
/// call ReceiveAsync. It does not own the agent. Sends may come from any thread; one receive may wait at a time.
/// <see cref="Close"/>, which BouncyCastle calls when the association ends, ends DTLS alone; <see cref="DisposeAsync"/> ends the receiving.
/// </remarks>
public sealed partial class IceDatagramTransport : DatagramTransport, IAsyncDisposable
{
    private readonly IceComponent _component;
    private readonly IceDatagramHandler? _others;
    private readonly DatagramInbox _inbox;
    private readonly CancellationTokenSource _disposing = new();
    private readonly Task _receiving;
    private readonly ILogger _logger;
    private readonly int _receiveLimit;
    private int _sendLimit;
    private bool _disposed;
    private long _unsent;
    private long _unclaimed;
    private long _tooLong;

    /// <summary>Begins to receive.</summary>
    /// <param name="component">The component, connected or not yet: what is sent before there is a pair is lost, as a datagram may be, and repeated by the handshake.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentException">The options make no sense; the message says which.</exception>
    /// <exception cref="InvalidOperationException">The agent has a DatagramHandler, or somebody else receives.</exception>
    /// <exception cref="ObjectDisposedException">The agent was disposed.</exception>
    public IceDatagramTransport(IceComponent component, IceDatagramTransportOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(component);
        options = (options ?? new IceDatagramTransportOptions()).Checked();
        _component = component;
        _others = options.OtherDatagrams;
        _logger = options.LoggerFactory.CreateLogger<IceDatagramTransport>();
        _receiveLimit = options.ReceiveLimit;
        _sendLimit = options.SendLimit;
        byte[] buffer = new byte[_receiveLimit];
        // The first receive is here, so that what is wrong with it is thrown here.
        ValueTask<IceReceiveResult> first = component.ReceiveAsync(buffer, _disposing.Token);
        _inbox = new DatagramInbox(options.Slots, _receiveLimit);
        _receiving = ReceiveAsync(first, buffer);
    }

    /// <summary>
    /// The largest datagram that DTLS sends, in bytes, or less where the pair carries less (<see cref="IceComponent.PayloadMtu"/>). BouncyCastle asks
    /// before each. To be set again where the path's MTU is known better.
    /// </summary>
    public int SendLimit
    {
        get => Volatile.Read(ref _sendLimit);
        set => Volatile.Write(ref _sendLimit, value);
    }

    /// <summary>How many DTLS datagrams were given up for want of room or because DTLS was closed, and how many of any kind because they were too long.</summary>
    public long Dropped => _inbox.Dropped + Interlocked.Read(ref _tooLong);

    /// <summary>How many datagrams could not be sent: there was no pair, or no room in the socket's buffer.</summary>
    public long Unsent => Interlocked.Read(ref _unsent);

    /// <summary>How many datagrams were neither DTLS nor wanted by anybody else.</summary>
    public long Unclaimed => Interlocked.Read(ref _unclaimed);

    int DatagramReceiver.GetReceiveLimit() => _receiveLimit;

    // RFC 6347 §4.1.1.1 leaves the discovery of the path's MTU to who lies above and below DTLS: here the agent.
    int DatagramSender.GetSendLimit() => Math.Min(SendLimit, _component.PayloadMtu ?? SendLimit);

    /// <summary>Receives the next DTLS datagram; blocks.</summary>
    /// <param name="buf">Where it goes.</param>
    /// <param name="off">Where in it.</param>
    /// <param name="len">How many bytes at most; what does not fit is cut off.</param>
    /// <param name="waitMillis">How long to wait, in ms; 0 waits for ever.</param>
    /// <returns>The length in bytes; -1 when the time is over.</returns>
    /// <exception cref="IOException">It was closed, or the agent was disposed.</exception>
    public int Receive(byte[] buf, int off, int len, int waitMillis) => Receive(buf.AsSpan(off, len), waitMillis);

    /// <inheritdoc cref="Receive(byte[], int, int, int)"/>
    public int Receive(Span<byte> buffer, int waitMillis)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(waitMillis);
        return _inbox.Take(buffer, waitMillis);
    }

    /// <summary>Sends a datagram on the selected pair, without waiting; as with UDP, it may be lost.</summary>
    /// <param name="buf">What holds it.</param>
    /// <param name="off">Where it begins.</param>
    /// <param name="len">Its length in bytes.</param>
    /// <exception cref="IOException">The agent was disposed, or the system does not send so much at once.</exception>
    public void Send(byte[] buf, int off, int len) => Send(buf.AsSpan(off, len));

    /// <inheritdoc cref="Send(byte[], int, int)"/>
    public void Send(ReadOnlySpan<byte> buffer)
    {
        try
        {
            if (!_component.TrySend(buffer))
                Interlocked.Increment(ref _unsent);
        }
        catch (Exception exception) when (exception is ObjectDisposedException or IceException)
        {
            throw new IOException(exception.Message, exception);
        }
    }

    /// <summary>Ends DTLS: a receive that waits, and every further one, throws. Other datagrams still go where they went.</summary>
    public void Close() => _inbox.End("The DTLS association was closed.");

    /// <summary>Ends everything, and waits until nothing runs any more. The agent goes on, and another may receive from it.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, true))
            return;
        Close();
        await _disposing.CancelAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _disposing.Dispose();
    }

    private async Task ReceiveAsync(ValueTask<IceReceiveResult> receive, byte[] buffer)
    {
        try
        {
            while (true)
            {
                IceReceiveResult received = await receive.ConfigureAwait(false);
                if (received.IsTruncated)
                    Interlocked.Increment(ref _tooLong);
                else
                    Deliver(buffer.AsSpan(0, received.Length), received.Remote);
                receive = _component.ReceiveAsync(buffer, _disposing.Token);
            }
        }
        catch (ObjectDisposedException)
        {
            _inbox.End("The agent was disposed.");
        }
        catch (OperationCanceledException)
        {
            _inbox.End("The transport was disposed.");
        }
        catch (InvalidOperationException exception)
        {
            _inbox.End(exception.Message);
        }
    }

    private void Deliver(ReadOnlySpan<byte> datagram, TransportAddress remote)
    {
        if (Demultiplexer.Classify(datagram) == PacketKind.Dtls)
            _inbox.Add(datagram);
        else if (_others is not null)
            CallOthers(datagram, remote);
        else
            Interlocked.Increment(ref _unclaimed);
    }

    private void CallOthers(ReadOnlySpan<byte> datagram, TransportAddress remote)
    {
#pragma warning disable CA1031 // an application's handler may throw anything; the receiving goes on
        try
        {
            _others!(_component, datagram, remote);
        }
        catch (Exception exception)
        {
            LogHandlerFailed(_logger, exception);
        }
#pragma warning restore CA1031
    }

    [LoggerMessage(1, LogLevel.Error, "OtherDatagrams threw; the datagram is gone")]
    private static partial void LogHandlerFailed(ILogger logger, Exception exception);
}
