using System.Net;
using System.Net.Sockets;

namespace IceTool.Turn;

/// <summary>Messages over UDP: each is a datagram.</summary>
internal sealed class DatagramMessages : ITurnMessages
{
    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[ushort.MaxValue];

    /// <param name="socket">Connected to the server, so that nobody else's datagrams come in.</param>
    public DatagramMessages(Socket socket)
    {
        _socket = socket;
        Local = (IPEndPoint)socket.LocalEndPoint!;
    }

    public IPEndPoint Local { get; }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken) =>
        _ = await _socket.SendAsync(message, cancellationToken).ConfigureAwait(false);

    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            int length = await _socket.ReceiveAsync(_buffer, cancellationToken).ConfigureAwait(false);
            if (length > 0)
                return _buffer.AsMemory(0, length);
        }
    }

    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
