using System.Net;

namespace IceTool.Turn;

/// <summary>Carries whole messages between a TURN client and its server. One send and one receive may be pending at a time.</summary>
internal interface ITurnMessages : IAsyncDisposable
{
    /// <summary>The local address.</summary>
    IPEndPoint Local { get; }

    ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellationToken);

    /// <summary>The next message, valid until the next call; empty when the server has closed the connection.</summary>
    ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken);
}
