using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using IceTool.Agents;

namespace IceTool.Demo.Page;

/// <summary>A WebSocket that carries JSON objects, each in one text message.</summary>
internal sealed class PageSocket(WebSocket socket)
{
    // A description with a hundred candidates has some 10 kB.
    private const int MaxMessage = 64 * 1024;

    private readonly Channel<Func<JsonObject>> _outgoing = Channel.CreateUnbounded<Func<JsonObject>>(new() { SingleReader = true });

    /// <summary>Queues a message.</summary>
    public void Send(JsonObject message) => _outgoing.Writer.TryWrite(() => message);

    /// <summary>Queues a message that is made when its turn comes.</summary>
    public void Send(Func<JsonObject> message) => _outgoing.Writer.TryWrite(message);

    /// <summary>Sends what is queued until <see cref="CompleteAsync"/>.</summary>
    public async Task SendAllAsync(CancellationToken cancellationToken)
    {
        await foreach (Func<JsonObject> make in _outgoing.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            byte[] text = Encoding.UTF8.GetBytes(JsonLines.ToText(make()));
            await socket.SendAsync(text, WebSocketMessageType.Text, endOfMessage: true, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The next message, or null when the page is gone.</summary>
    /// <exception cref="FormatException">What came is no JSON object.</exception>
    public async Task<JsonObject?> ReceiveAsync(CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[MaxMessage];
        int length = 0;
        while (true)
        {
            ValueWebSocketReceiveResult part = await socket.ReceiveAsync(buffer.AsMemory(length), cancellationToken).ConfigureAwait(false);
            if (part.MessageType == WebSocketMessageType.Close)
                return null;
            length += part.Count;
            if (part.EndOfMessage)
                break;
            if (length == buffer.Length)
                throw new FormatException($"a message has more than {MaxMessage} bytes");
        }

        try
        {
            return JsonNode.Parse(buffer.AsSpan(0, length)) as JsonObject ?? throw new FormatException("a message is no JSON object");
        }
        catch (JsonException exception)
        {
            throw new FormatException($"a message is no JSON: {exception.Message}", exception);
        }
    }

    /// <summary>Lets what is queued go out and says good-bye.</summary>
    public async Task CompleteAsync(Task sending)
    {
        _ = _outgoing.Writer.TryComplete();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        try
        {
            await sending.WaitAsync(patience.Token).ConfigureAwait(false);
            if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
                await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, patience.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or WebSocketException or ObjectDisposedException)
        {
            // The page is gone already.
        }
    }
}
