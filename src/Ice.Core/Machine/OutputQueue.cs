namespace Ice.Core;

/// <summary>Datagrams to send, in order; encoded when the driver polls them.</summary>
internal sealed class OutputQueue(AgentContext agent)
{
    // STUN messages of the machine are shorter; what a TURN server relays is wrapped once more.
    private const int ScratchSize = 1200;

    private PassingQueue<PendingSend> _sends;
    private byte[]? _scratch;

    public bool IsEmpty => _sends.IsEmpty;

    public void Add(in PendingSend send) => _sends.Add(send);

    public bool TryTake(Span<byte> buffer, out Transmit transmit)
    {
        // Requests to TURN servers first: a check through a relay leaves right behind the request for its permission.
        if (agent.Relays.TryTake(buffer, out transmit))
            return true;
        while (_sends.TryTake(out PendingSend send))
        {
            if (TryEncode(send, buffer, out transmit))
                return true;
        }

        return false;
    }

    public void Clear() => _sends.Clear();

    private bool TryEncode(in PendingSend send, Span<byte> buffer, out Transmit transmit)
    {
        string? software = agent.Options.Software;
        if (agent.Relays.FindBase(send.Path.Base)?.Relay is not { Client: { } client } relay)
        {
            transmit = new Transmit(send.Path, MessageEncoder.Encode(send, software, buffer));
            return true;
        }

        byte[] scratch = _scratch ??= new byte[ScratchSize];
        int length = MessageEncoder.Encode(send, software, scratch);
        transmit = new Transmit(relay.ServerPath, client.EncodeEarlyData(send.Path.Remote, scratch.AsSpan(0, length), buffer));
        // Without an allocation, or without a permission that was asked for, it is lost, as on a path that has broken: it is sent again.
        return transmit.Length > 0;
    }
}
