using System.Net.Sockets;

namespace Ice.Net;

/// <summary>
/// A thread that receives for many sockets: epoll tells which of them have something, and each takes turns. Linux alone. Never allocates for
/// a datagram, and looks nothing up: the event names the place of its socket in an array.
/// </summary>
/// <remarks>
/// The sockets of a process share as many as there are processors at most. One more is begun when each has <see cref="Fill"/> sockets: the few
/// sockets of one agent have nothing to gain from several threads. A poller without sockets ends by itself, a little later: agents that come
/// and go would otherwise begin a thread each time.
/// </remarks>
internal sealed class UdpPoller : IDisposable
{
    /// <summary>How many sockets a poller has before another is begun.</summary>
    public const int Fill = 4;

    // As many events as are taken at once; further ones come with the next wait.
    private const int EventCapacity = 128;

    // How often a poller without sockets looks whether it is still wanted.
    private const int IdleMilliseconds = 2_000;

    private static readonly Lock s_gate = new();
    private static readonly List<UdpPoller> s_pollers = [];

    private readonly EventPoll _poll;
    private readonly ReceiveScratch _scratch = new();
    private readonly Queue<UdpReception> _unfinished = new();
    private readonly Stack<int> _free = new();
    // Grows under the gate and is read without it: who waits for events sees the array that held the socket of the event, or a later one.
    private UdpReception?[] _receptions = new UdpReception?[Fill];
    private int _used;
    private int _count;
    private long _turns;

    private UdpPoller() => _poll = new EventPoll(EventCapacity);

    /// <summary>How many pollers run; for tests.</summary>
    public static int Running
    {
        get
        {
            lock (s_gate)
                return s_pollers.Count;
        }
    }

    /// <summary>How often those that run have woken; for tests.</summary>
    public static long Turns
    {
        get
        {
            lock (s_gate)
                return s_pollers.Sum(static poller => Volatile.Read(ref poller._turns));
        }
    }

    /// <summary>Begins to receive for a socket.</summary>
    /// <exception cref="SocketException">The system has no descriptors or threads left.</exception>
    public static void Add(UdpReception reception)
    {
        lock (s_gate)
        {
            Choose().AddHere(reception);
        }
    }

    /// <summary>Receives for a socket no more; a turn of it that is under way goes on.</summary>
    public void Remove(UdpReception reception)
    {
        lock (s_gate)
        {
            _poll.Remove(reception.Descriptor);
            _receptions[reception.Number] = null;
            _free.Push(reception.Number);
            _count--;
        }
    }

    public void Dispose()
    {
        _poll.Dispose();
        _scratch.Dispose();
    }

    private static UdpPoller Choose()
    {
        UdpPoller? least = null;
        foreach (UdpPoller poller in s_pollers)
            least = least is null || poller._count < least._count ? poller : least;
        if (least is not null && (least._count < Fill || s_pollers.Count >= Environment.ProcessorCount))
            return least;
        try
        {
            return Begin();
        }
        catch (SocketException) when (least is not null)
        {
            return least;
        }
    }

    private static UdpPoller Begin()
    {
        UdpPoller poller = new();
        try
        {
            // Unsafe: what flows with the thread of the first agent is no business of the others.
            new Thread(poller.Run) { IsBackground = true, Name = "UDP poller" }.UnsafeStart();
        }
        catch (Exception exception) when (exception is OutOfMemoryException or ThreadStartException)
        {
            poller.Dispose();
            throw new SocketException((int)SocketError.TooManyOpenSockets, $"The system began no thread to receive on: {exception.Message}");
        }

        s_pollers.Add(poller);
        return poller;
    }

    private void AddHere(UdpReception reception)
    {
        if (!_free.TryPop(out int number))
        {
            number = _used;
            if (number == _receptions.Length)
            {
                UdpReception?[] longer = new UdpReception?[_receptions.Length * 2];
                _receptions.CopyTo(longer, 0);
                Volatile.Write(ref _receptions, longer);
            }

            _used++;
        }

        reception.Poller = this;
        reception.Number = number;
        _receptions[number] = reception;
        try
        {
            _poll.Add(reception.Descriptor, number);
        }
        catch
        {
            _receptions[number] = null;
            _free.Push(number);
            throw;
        }

        _count++;
    }

    private void Run()
    {
        while (true)
        {
            int count = _poll.Wait(_unfinished.Count > 0 ? 0 : IdleMilliseconds);
            Volatile.Write(ref _turns, _turns + 1);
            for (int i = 0; i < count; i++)
            {
                // An event of a socket that has gone may meet another in its place: that one finds nothing to receive.
                int number = _poll.Get(i, out bool hasError);
                if (Volatile.Read(ref _receptions)[number] is { IsUnfinished: false } reception)
                    Take(reception, hasError);
            }

            // Those that had more than their share the last time; the events of this time were for others.
            for (int i = _unfinished.Count; i > 0; i--)
            {
                UdpReception reception = _unfinished.Dequeue();
                reception.IsUnfinished = false;
                Take(reception, hasError: true);
            }

            if (count == 0 && _unfinished.Count == 0 && TryEnd())
                return;
        }
    }

    private void Take(UdpReception reception, bool hasError)
    {
        if (!reception.OnReady(hasError, _scratch))
            return;
        reception.IsUnfinished = true;
        _unfinished.Enqueue(reception);
    }

    private bool TryEnd()
    {
        lock (s_gate)
        {
            if (_count > 0)
                return false;
            s_pollers.Remove(this);
        }

        Dispose();
        return true;
    }
}
