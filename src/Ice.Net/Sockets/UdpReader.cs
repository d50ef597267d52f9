namespace Ice.Net;

/// <summary>
/// A thread that receives for one socket and waits for it in the system: one call for a datagram, where a <see cref="UdpPoller"/> needs three
/// when they come one by one. A socket to which they do comes here from its poller, and stays; as many as there are processors. Linux alone.
/// </summary>
/// <remarks>
/// A reader whose socket has ended waits for another, and ends by itself a little later: agents that come and go would otherwise begin a thread
/// each time.
/// </remarks>
internal sealed class UdpReader : IDisposable
{
    // How long a reader without a socket waits for one.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);

    private static readonly Lock s_gate = new();
    private static readonly List<UdpReader> s_waiting = [];
    private static int s_running;
    private static int s_busy;

    private readonly AutoResetEvent _given = new(false);
    private readonly ReceiveScratch _scratch = new();
    private UdpReception? _reception;

    private UdpReader()
    {
    }

    /// <summary>How many sockets may have one at a time; to be set by tests alone.</summary>
    public static int Limit { get; set; } = Environment.ProcessorCount;

    /// <summary>How many readers run; for tests.</summary>
    public static int Running
    {
        get
        {
            lock (s_gate)
                return s_running;
        }
    }

    /// <summary>Takes a socket over from its poller, whose turn of it is under way.</summary>
    /// <returns>False when others have all readers, or the system has no threads left.</returns>
    public static bool TryTake(UdpReception reception)
    {
        // Asked for again and again where there is none: not under the lock.
        if (Volatile.Read(ref s_busy) >= Limit || Find() is not { } reader)
            return false;
        reception.LeavePoller();
        reader._reception = reception;
        reader._given.Set();
        return true;
    }

    public void Dispose()
    {
        _given.Dispose();
        _scratch.Dispose();
    }

    private static UdpReader? Find()
    {
        lock (s_gate)
        {
            if (s_busy >= Limit || (s_waiting.Count == 0 && !TryBegin()))
                return null;
            UdpReader reader = s_waiting[^1];
            s_waiting.RemoveAt(s_waiting.Count - 1);
            s_busy++;
            return reader;
        }
    }

    private static bool TryBegin()
    {
        UdpReader reader = new();
        try
        {
            // Unsafe: what flows with the thread that began it is no business of the sockets.
            new Thread(reader.Run) { IsBackground = true, Name = "UDP reader" }.UnsafeStart();
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            reader.Dispose();
            return false;
        }

        s_waiting.Add(reader);
        s_running++;
        return true;
    }

    private void Run()
    {
        while (WaitUntilGiven())
        {
            UdpReception reception = _reception!;
            _reception = null;
            reception.ReceiveAll(_scratch);
            lock (s_gate)
            {
                s_busy--;
                s_waiting.Add(this);
            }

            // After that: who has waited for the end finds the reader free.
            reception.Finish();
        }

        Dispose();
    }

    private bool WaitUntilGiven()
    {
        if (_given.WaitOne(s_patience))
            return true;
        lock (s_gate)
        {
            if (s_waiting.Remove(this))
            {
                s_running--;
                return false;
            }
        }

        // It was taken after all.
        return _given.WaitOne();
    }
}
