using System.Net;
using System.Text;
using System.Threading.Channels;

namespace Ice.Tests;

/// <summary>A program that speaks UDP on a network in memory.</summary>
internal sealed class MemoryApplication : IDisposable
{
    private readonly MemorySocket _socket;
    private readonly Channel<string> _received = Channel.CreateUnbounded<string>();

    public MemoryApplication(MemoryNetwork network, string address = "127.0.0.1")
    {
        _socket = network.BindSocket(new IPEndPoint(IPAddress.Parse(address), 0));
        _ = ReadAsync();
    }

    public IPEndPoint EndPoint => _socket.LocalEndPoint;

    public void Send(string text, IceUdpBridge bridge) => _socket.TrySendTo(Encoding.ASCII.GetBytes(text), bridge.LocalEndPoint.Serialize());

    /// <summary>Receives as many datagrams as there are words in a text, one word each.</summary>
    public async Task ExpectAsync(string words)
    {
        using CancellationTokenSource timeout = new(AgentPair.Limit);
        foreach (string word in words.Split(' '))
            Assert.That(await _received.Reader.ReadAsync(timeout.Token), Is.EqualTo(word));
    }

    public void Dispose() => _socket.Dispose();

    // Reads on, so that the network is idle when nothing is under way.
    private async Task ReadAsync()
    {
        byte[] buffer = new byte[2048];
        SocketAddress source = _socket.CreateAddress();
        try
        {
            while (true)
            {
                int length = await _socket.ReceiveFromAsync(buffer, source, CancellationToken.None);
                _received.Writer.TryWrite(Encoding.ASCII.GetString(buffer, 0, length));
            }
        }
        catch (Exception exception) when (exception is ObjectDisposedException or ChannelClosedException)
        {
            // The program has ended.
        }
    }
}
