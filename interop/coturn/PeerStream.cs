using IceTool.Turn;
using Turn;

namespace CoturnInterop;

/// <summary>A connection with a peer through a TCP allocation (RFC 6062), on a stream of its own to the server.</summary>
internal sealed class PeerStream : IAsyncDisposable
{
    private readonly Stream _stream;
    private byte[] _early = [];

    private PeerStream(Stream stream) => _stream = stream;

    /// <summary>Opens the stream and binds it to the connection.</summary>
    public static async Task<PeerStream> BindAsync(TurnSession session, uint connectionId, CancellationToken cancellationToken)
    {
        var result = new PeerStream((await session.OpenStreamAsync(cancellationToken)).Stream);
        TcpDataConnection connection = session.Do((client, now) => client.CreateDataConnection(connectionId, now));
        byte[] buffer = new byte[2048];
        while (connection.State == TcpDataConnectionState.Binding)
        {
            int length = 0;
            while (session.Do((_, _) => connection.TryGetTransmit(buffer, out length)))
                await result._stream.WriteAsync(buffer.AsMemory(0, length), cancellationToken);
            int count = await result._stream.ReadAsync(buffer, cancellationToken);
            Check.That(count > 0, "coturn closed the data connection before it was bound");
            int consumed = session.Do((_, _) => connection.HandleReceived(buffer.AsSpan(0, count)));
            result._early = buffer[consumed..count];
        }

        Check.That(connection.State == TcpDataConnectionState.Bound, $"the data connection was not bound: {connection.Failure} {connection.Code}");
        return result;
    }

    public async Task SendAsync(byte[] data, CancellationToken cancellationToken) => await _stream.WriteAsync(data, cancellationToken);

    public async Task<byte[]> ReceiveAsync(int length, CancellationToken cancellationToken)
    {
        byte[] data = new byte[length];
        int early = Math.Min(length, _early.Length);
        _early.AsSpan(0, early).CopyTo(data);
        _early = _early[early..];
        await _stream.ReadExactlyAsync(data.AsMemory(early), cancellationToken);
        return data;
    }

    public ValueTask DisposeAsync() => _stream.DisposeAsync();
}
