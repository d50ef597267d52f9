using Stun;

namespace Turn.Tests.Server;

/// <summary>Adds attributes to a request.</summary>
internal delegate void Attributes(ref StunWriter writer);

/// <summary>A client of a <see cref="ServerRig"/>: signs its requests as a real one does.</summary>
internal sealed class RigClient(ServerRig rig, FiveTuple path, LongTermClient credentials)
{
    private readonly byte[] _buffer = new byte[2048];

    public FiveTuple Path { get; set; } = path;

    /// <summary>The request that was sent last.</summary>
    public byte[] Last { get; private set; } = [];

    /// <summary>Asks, and asks again when the server wants credentials or a fresh nonce.</summary>
    /// <returns>The last answer; null when there was none.</returns>
    public byte[]? Ask(StunMethod method, Attributes? attributes = null)
    {
        for (int attempt = 0; ; attempt++)
        {
            RequestStamp stamp = Write(method, attributes);
            _ = rig.Send(Path, Last);
            byte[]? reply = rig.TakeReply(out FiveTuple to);
            if (reply is null)
                return null;
            Assert.That(to, Is.EqualTo(Path), "The answer goes where the request came from.");
            Assert.That(StunMessage.TryParse(reply, out StunMessage message, out _), Is.True);
            Assert.That(message.TransactionId, Is.EqualTo(new TransactionId(Last.AsSpan(8, 12))));
            ResponseVerdict verdict = credentials.Check(message, stamp, Path.IsStream);
            if (verdict != ResponseVerdict.Retry || attempt == 3)
                return reply;
        }
    }

    /// <summary>Asks, and expects success.</summary>
    public byte[] Get(StunMethod method, Attributes? attributes = null)
    {
        byte[]? reply = Ask(method, attributes);
        Assert.That(Reply.Code(reply), Is.Zero, method.ToString());
        return reply!;
    }

    /// <summary>Asks, and tells the error code; 0 for success.</summary>
    public int Code(StunMethod method, Attributes? attributes = null) => Reply.Code(Ask(method, attributes));

    /// <summary>Makes a request without sending it.</summary>
    public RequestStamp Write(StunMethod method, Attributes? attributes = null)
    {
        var writer = new StunWriter(_buffer, method, StunClass.Request, TransactionId.Create(rig.Entropy));
        attributes?.Invoke(ref writer);
        RequestStamp stamp = credentials.Sign(ref writer);
        Last = writer.Written.ToArray();
        return stamp;
    }

    /// <summary>Sends the last request again.</summary>
    public byte[]? Retransmit()
    {
        _ = rig.Send(Path, Last);
        return rig.TakeReply();
    }

    public byte[] Allocate(Attributes? more = null) => Get(StunMethod.Allocate, Allocation(more));

    public static Attributes Allocation(Attributes? more = null, TurnTransport transport = TurnTransport.Udp) => (ref w) =>
    {
        w.AddRequestedTransport(transport);
        more?.Invoke(ref w);
    };

    public static Attributes PeerIs(params TransportAddress[] peers) => (ref w) =>
    {
        foreach (TransportAddress peer in peers)
            w.AddPeer(peer);
    };

    public static Attributes ChannelIs(ushort number, TransportAddress peer) => (ref w) =>
    {
        w.AddChannelNumber(number);
        w.AddPeer(peer);
    };

    public void Permit(params TransportAddress[] peers) => _ = Get(StunMethod.CreatePermission, PeerIs(peers));

    public void Bind(ushort number, TransportAddress peer) => _ = Get(StunMethod.ChannelBind, ChannelIs(number, peer));

    /// <summary>Sends data with a Send indication.</summary>
    public TurnForward SendTo(TransportAddress peer, ReadOnlySpan<byte> data, bool dontFragment = false)
    {
        var writer = new StunWriter(_buffer, StunMethod.Send, StunClass.Indication, TransactionId.Create(rig.Entropy));
        writer.AddPeer(peer);
        if (dontFragment)
            writer.AddEmpty(StunAttributeType.DontFragment);
        writer.Add(StunAttributeType.Data, data);
        Last = writer.Written.ToArray();
        return rig.Send(Path, Last);
    }

    /// <summary>Sends data on a channel.</summary>
    public TurnForward SendOn(ushort channel, ReadOnlySpan<byte> data)
    {
        int length = ChannelData.Write(_buffer, channel, data, Path.IsStream);
        Last = _buffer[..length];
        return rig.Send(Path, Last);
    }
}
