using System.Buffers.Binary;
using SIPSorcery.Net;
using SIPSorceryMedia.Abstractions;

namespace Ice.SIPSorcery.Tests;

public sealed class AudioTests
{
    private const int Packets = 500;

    [TestCase(true)]
    [TestCase(false)]
    public async Task Audio_goes_both_ways_through_SRTP_and_every_packet_arrives(bool oursOffers)
    {
        await using IcePeerConnection ours = Connections.Ours();
        using RTCPeerConnection stock = Connections.Stock();
        foreach (RTCPeerConnection connection in new[] { ours, stock })
            connection.addTrack(new MediaStreamTrack(SDPWellKnownMediaFormatsEnum.PCMU));
        Signaling.Trickle(ours, stock);
        Task<int[]> atOurs = ReceiveAsync(ours);
        Task<int[]> atStock = ReceiveAsync(stock);
        Signaling.Negotiate(oursOffers ? ours : stock, oursOffers ? stock : ours);
        await Signaling.ConnectedAsync(ours, stock);
        for (int i = 0; i < Packets; i++)
        {
            ours.SendAudio(160, Sample(i));
            stock.SendAudio(160, Sample(i));
        }

        int[] all = [.. Enumerable.Range(0, Packets)];
        Assert.That(await atOurs.WaitAsync(Connections.Limit), Is.EqualTo(all));
        Assert.That(await atStock.WaitAsync(Connections.Limit), Is.EqualTo(all));
    }

    private static byte[] Sample(int number)
    {
        byte[] sample = new byte[160];
        BinaryPrimitives.WriteInt32BigEndian(sample, number);
        return sample;
    }

    /// <summary>The numbers that came, when so many have come.</summary>
    private static Task<int[]> ReceiveAsync(RTCPeerConnection connection)
    {
        List<int> numbers = [];
        TaskCompletionSource<int[]> done = new(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.OnRtpPacketReceived += (_, kind, packet) =>
        {
            if (kind != SDPMediaTypesEnum.audio)
                return;
            numbers.Add(BinaryPrimitives.ReadInt32BigEndian(packet.Payload));
            if (numbers.Count == Packets)
                done.TrySetResult([.. numbers]);
        };
        return done.Task;
    }
}
