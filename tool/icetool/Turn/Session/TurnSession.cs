using System.Diagnostics;
using System.Net;
using System.Threading.Channels;
using Stun;
using Turn;

namespace IceTool.Turn;

/// <summary>One allocation on a real server: gives a <see cref="TurnClient"/> its socket and its clock. Thread-safe.</summary>
internal sealed class TurnSession : IAsyncDisposable
{
    private const int MaxBufferedDatagrams = 4096;

    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Lock _gate = new();
    private readonly TurnEndpoint _endpoint;
    private readonly ITurnMessages _messages;
    private readonly TurnClient _client;
    private readonly Channel<TurnClientEvent> _events = Channel.CreateUnbounded<TurnClientEvent>();
    private readonly Channel<TurnDatagram> _data =
        Channel.CreateBounded<TurnDatagram>(new BoundedChannelOptions(MaxBufferedDatagrams) { FullMode = BoundedChannelFullMode.DropWrite });

    private readonly SemaphoreSlim _sending = new(1);
    private readonly SemaphoreSlim _due = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly byte[] _output = new byte[ushort.MaxValue + 64];
    private readonly Task _running;
    private bool _disposed;

    private TurnSession(TurnEndpoint endpoint, ITurnMessages messages, TurnClientOptions options)
    {
        _endpoint = endpoint;
        _messages = messages;
        _client = new TurnClient(options, EntropySource.Secure, Now);
        _running = Task.WhenAll(ReceiveAllAsync(), DriveAsync());
    }

    /// <summary>What the server allocated.</summary>
    public TurnClientEvent.Allocated Allocation { get; private set; } = null!;

    /// <summary>The relayed address; of two, the IPv4 one.</summary>
    public TransportAddress Relayed => Allocation.IPv4.IsNone ? Allocation.IPv6 : Allocation.IPv4;

    /// <summary>Where the client sends from.</summary>
    public IPEndPoint Local => _messages.Local;

    /// <summary>The data of peers; what nobody takes is dropped after some thousand datagrams.</summary>
    public ChannelReader<TurnDatagram> Data => _data.Reader;

    private Instant Now => Instant.FromOrigin(Stopwatch.GetElapsedTime(_start));

    /// <summary>Connects to a server and makes an allocation.</summary>
    /// <param name="endpoint">The server.</param>
    /// <param name="options">What to ask for; the server and the transport are filled in.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="TurnSessionException">There is no allocation; the message says why.</exception>
    public static async Task<TurnSession> AllocateAsync(TurnEndpoint endpoint, TurnClientOptions options, CancellationToken cancellationToken)
    {
        ITurnMessages messages;
        try
        {
            messages = await endpoint.OpenAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (TurnTrouble.IsExpected(exception))
        {
            throw TurnTrouble.Explain(exception, endpoint);
        }

        var session = new TurnSession(
            endpoint,
            messages,
            options with { Server = endpoint.Server, Reliable = endpoint.Path != TurnPath.Udp, Secured = endpoint.Path == TurnPath.Tls });
        try
        {
            session.Do((client, now) => client.Allocate(now));
            session.Allocation = await session.ExpectAsync<TurnClientEvent.Allocated>(cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Gives the client a command, or asks it something.</summary>
    public T Do<T>(Func<TurnClient, Instant, T> command)
    {
        T result;
        lock (_gate)
        {
            result = command(_client, Now);
            TakeEvents();
        }

        _ = _due.Release();
        return result;
    }

    /// <summary>Gives the client a command.</summary>
    public void Do(Action<TurnClient, Instant> command) => _ = Do((client, now) =>
    {
        command(client, now);
        return true;
    });

    /// <summary>Waits for an event of the client; those before it are left out.</summary>
    /// <exception cref="TurnSessionException">The client told of a failure instead.</exception>
    public async Task<T> ExpectAsync<T>(CancellationToken cancellationToken)
        where T : TurnClientEvent
    {
        try
        {
            while (true)
            {
                TurnClientEvent next = await _events.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
                if (next is T expected)
                    return expected;
                TurnTrouble.ThrowIfFailure(next);
            }
        }
        catch (ChannelClosedException exception)
        {
            throw TurnTrouble.Explain(exception.InnerException ?? exception, _endpoint);
        }
    }

    /// <summary>Lets a peer's IP address send to the relay.</summary>
    public async Task PermitAsync(TransportAddress peer, CancellationToken cancellationToken)
    {
        Do((client, now) => client.CreatePermission([peer], now));
        _ = await ExpectAsync<TurnClientEvent.PermissionReady>(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Binds a channel to a peer.</summary>
    public async Task<ushort> BindAsync(TransportAddress peer, CancellationToken cancellationToken)
    {
        Do((client, now) => client.BindChannel(peer, now));
        return (await ExpectAsync<TurnClientEvent.ChannelBound>(cancellationToken).ConfigureAwait(false)).Number;
    }

    /// <summary>Sends data to a peer: on its channel once there is one, as a Send indication before.</summary>
    /// <exception cref="TurnSessionException">There is no permission for the peer, or the path to the server has ended.</exception>
    public async Task SendAsync(TransportAddress peer, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            int length;
            lock (_gate)
                length = _client.EncodeData(peer, data.Span, _output);
            if (length == 0)
                throw new TurnSessionException($"There is no allocation or no permission for {peer}.");
            await _messages.SendAsync(_output.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (TurnTrouble.IsExpected(exception))
        {
            throw TurnTrouble.Explain(exception, _endpoint);
        }
        finally
        {
            _ = _sending.Release();
        }
    }

    /// <summary>Waits for the next data of a peer.</summary>
    public async Task<TurnDatagram> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _data.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException exception)
        {
            throw TurnTrouble.Explain(exception.InnerException ?? exception, _endpoint);
        }
    }

    /// <summary>Opens a further stream to the server, for a connection with a peer (RFC 6062).</summary>
    public Task<ServerStream> OpenStreamAsync(CancellationToken cancellationToken) => _endpoint.OpenStreamAsync(cancellationToken);

    /// <summary>Has the server delete the allocation, and waits until it has.</summary>
    public async Task CloseAsync(CancellationToken cancellationToken)
    {
        Do((client, now) => client.Close(now));
        _ = await ExpectAsync<TurnClientEvent.Closed>(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Closes the path to the server; without <see cref="CloseAsync"/> the allocation lives on there until it expires.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _messages.DisposeAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        _stop.Dispose();
        _sending.Dispose();
        _due.Dispose();
    }

    // Only takes in: it never waits for sending, or two ends that do might wait for each other.
    private async Task ReceiveAllAsync()
    {
        try
        {
            while (true)
            {
                ReadOnlyMemory<byte> message = await _messages.ReceiveAsync(_stop.Token).ConfigureAwait(false);
                if (message.IsEmpty)
                    throw new IOException("the server closed it. Is it a TURN server, and does it expect TLS there?");
                Take(message.Span);
            }
        }
        catch (Exception exception) when (TurnTrouble.IsExpected(exception))
        {
            End(exception);
        }
    }

    private void Take(ReadOnlySpan<byte> message)
    {
        lock (_gate)
        {
            if (_client.HandleDatagram(message, Now, out TurnPayload payload) == TurnInput.Data)
                _ = _data.Writer.TryWrite(new TurnDatagram(payload.Peer, message.Slice(payload.Offset, payload.Length).ToArray()));
            else
                _ = _due.Release();
            TakeEvents();
        }
    }

    private async Task DriveAsync()
    {
        try
        {
            while (true)
            {
                await SendRequestsAsync().ConfigureAwait(false);
                _ = await _due.WaitAsync(UntilDue(), _stop.Token).ConfigureAwait(false);
                lock (_gate)
                {
                    _client.HandleTimeout(Now);
                    TakeEvents();
                }
            }
        }
        catch (Exception exception) when (TurnTrouble.IsExpected(exception))
        {
            End(exception);
        }
    }

    private async Task SendRequestsAsync()
    {
        await _sending.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            while (TryTakeRequest(out int length))
                await _messages.SendAsync(_output.AsMemory(0, length), _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            _ = _sending.Release();
        }
    }

    private bool TryTakeRequest(out int length)
    {
        lock (_gate)
            return _client.TryGetTransmit(_output, out length);
    }

    private TimeSpan UntilDue()
    {
        lock (_gate)
        {
            TimeSpan wait = _client.NextTimeout - Now;
            return wait <= TimeSpan.Zero ? TimeSpan.Zero : wait > TimeSpan.FromMinutes(1) ? TimeSpan.FromMinutes(1) : wait;
        }
    }

    private void TakeEvents()
    {
        while (_client.TryGetEvent(out TurnClientEvent? value))
            _ = _events.Writer.TryWrite(value);
    }

    private void End(Exception reason)
    {
        _ = _events.Writer.TryComplete(reason);
        _ = _data.Writer.TryComplete(reason);
    }
}
