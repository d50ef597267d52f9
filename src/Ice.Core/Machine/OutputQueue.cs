namespace Ice.Core;

/// <summary>Datagrams to send, in order; encoded when the driver polls them.</summary>
internal sealed class OutputQueue
{
    private readonly Queue<PendingSend> _sends = new();

    public void Add(in PendingSend send) => _sends.Enqueue(send);

    public bool TryTake(Span<byte> buffer, string? software, out Transmit transmit)
    {
        if (!_sends.TryDequeue(out PendingSend send))
        {
            transmit = default;
            return false;
        }

        transmit = new Transmit(send.Path, MessageEncoder.Encode(send, software, buffer));
        return true;
    }

    public void Clear() => _sends.Clear();
}
