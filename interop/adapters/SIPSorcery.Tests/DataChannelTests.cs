using SIPSorcery.Net;

namespace Ice.SIPSorcery.Tests;

public sealed class DataChannelTests
{
    [Test]
    public async Task A_data_channel_opens_and_echoes_between_two_of_ours()
    {
        await using IcePeerConnection offerer = Connections.Ours();
        await using IcePeerConnection answerer = Connections.Ours();
        await EchoAsync(offerer, answerer);
        Assert.That(offerer.GetIceStats().IceRole, Is.EqualTo(IceRole.Controlling));
        Assert.That(answerer.GetIceStats().IceRole, Is.EqualTo(IceRole.Controlled));
        Assert.That(offerer.GetIceStats().PacketsReceived, Is.GreaterThan(0));
    }

    [Test]
    public async Task A_data_channel_opens_and_echoes_when_a_stock_connection_offers()
    {
        using RTCPeerConnection offerer = Connections.Stock();
        await using IcePeerConnection answerer = Connections.Ours();
        await EchoAsync(offerer, answerer);
    }

    [Test]
    public async Task A_data_channel_opens_and_echoes_when_a_stock_connection_answers()
    {
        await using IcePeerConnection offerer = Connections.Ours();
        using RTCPeerConnection answerer = Connections.Stock();
        await EchoAsync(offerer, answerer);
    }

    private static async Task EchoAsync(RTCPeerConnection offerer, RTCPeerConnection answerer)
    {
        EchoChannel channel = await EchoChannel.CreateAsync(offerer, answerer);
        Signaling.Trickle(offerer, answerer);
        Signaling.Negotiate(offerer, answerer);
        await Signaling.ConnectedAsync(offerer, answerer);
        await channel.EchoAsync(100);
    }
}
