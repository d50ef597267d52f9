using Turn;

namespace Ice.Server;

/// <summary>The buffers of the relays that are receiving just now: a few, whatever the number of relays and of threads. Thread-safe.</summary>
internal sealed class ReceiveBuffers
{
    private const int Kept = 16;
    private const int MaxDatagram = 65535;

    private readonly byte[]?[] _free = new byte[Kept][];

    /// <summary>The longest part of a buffer that a datagram may take.</summary>
    public static int DatagramLength => MaxDatagram;

    /// <summary>A buffer with room before and after a datagram.</summary>
    public byte[] Rent()
    {
        for (int i = 0; i < Kept; i++)
        {
            if (Volatile.Read(ref _free[i]) is not null && Interlocked.Exchange(ref _free[i], null) is { } buffer)
                return buffer;
        }

        return GC.AllocateUninitializedArray<byte>(TurnServerDefaults.Headroom + MaxDatagram + TurnServerDefaults.Tailroom, pinned: true);
    }

    /// <summary>Takes a buffer back; one too many is left to the collector.</summary>
    public void Return(byte[] buffer)
    {
        for (int i = 0; i < Kept; i++)
        {
            if (Interlocked.CompareExchange(ref _free[i], buffer, null) is null)
                return;
        }
    }
}
