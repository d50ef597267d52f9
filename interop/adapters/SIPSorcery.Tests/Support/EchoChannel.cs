using System.Text;
using System.Threading.Channels;
using SIPSorcery.Net;

namespace Ice.SIPSorcery.Tests;

/// <summary>A data channel whose other end sends back what it gets.</summary>
internal sealed class EchoChannel
{
    private readonly Channel<string> _received = System.Threading.Channels.Channel.CreateUnbounded<string>();
    private readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private EchoChannel(RTCDataChannel channel)
    {
        Channel = channel;
        channel.onopen += () => _open.TrySetResult();
        channel.onmessage += (_, _, data) => _received.Writer.TryWrite(Encoding.UTF8.GetString(data));
        if (channel.readyState == RTCDataChannelState.open)
            _open.TrySetResult();
    }

    public RTCDataChannel Channel { get; }

    /// <summary>Makes a channel, before the first offer, and has the answerer echo.</summary>
    public static async Task<EchoChannel> CreateAsync(RTCPeerConnection offerer, RTCPeerConnection answerer)
    {
        answerer.ondatachannel += channel => channel.onmessage += (_, _, data) => channel.send(data);
        return new EchoChannel(await offerer.createDataChannel("echo"));
    }

    public Task OpenAsync() => _open.Task.WaitAsync(Connections.Limit);

    public void Send(string text) => Channel.send(Encoding.UTF8.GetBytes(text));

    public async Task<string> ReceiveAsync() => await _received.Reader.ReadAsync().AsTask().WaitAsync(Connections.Limit);

    /// <summary>Sends texts and checks that they come back, in order.</summary>
    public async Task EchoAsync(int count)
    {
        await OpenAsync();
        for (int i = 0; i < count; i++)
            Send($"message {i}");
        for (int i = 0; i < count; i++)
            Assert.That(await ReceiveAsync(), Is.EqualTo($"message {i}"));
    }
}
