using Stun;

namespace Ice;

/// <summary>Who sent which request: the last so many of them, in a ring, found by their ids. Bounded, and without a clock.</summary>
/// <remarks>
/// An entry stays when its response has come: RFC 8489 §9.1.4 has a response with the wrong integrity "discarded, as if it had never been
/// received", so that the right one must still find its way. A retransmission is entered again, and found first.
/// </remarks>
internal sealed class TransactionRoutes<T>
    where T : class
{
    private const int FirstLength = 64;
    private const int None = -1;

    private readonly Lock _gate = new();
    private Entry[] _ring = [];
    // The latest entry of each hash, from which the earlier ones are linked.
    private int[] _latest = [];
    private int _next;
    private int _count;

    /// <summary>How many requests are known; never fewer than it has been.</summary>
    public int Capacity { get; set; } = 1;

    /// <summary>How many entries there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _count;
        }
    }

    /// <summary>Notes a request, or its retransmission.</summary>
    public void Add(TransactionId id, T owner)
    {
        lock (_gate)
        {
            if (_count == _ring.Length && _count < Capacity)
                Grow();
            if (_count == _ring.Length)
                Forget(_next);
            Enter(id, owner);
        }
    }

    /// <summary>Whose request a response answers; null when it is nobody's.</summary>
    public T? Find(TransactionId id)
    {
        lock (_gate)
        {
            if (_count == 0)
                return null;
            for (int i = _latest[SlotOf(id)]; i != None; i = _ring[i].Earlier)
            {
                if (_ring[i].Id == id)
                    return _ring[i].Owner;
            }

            return null;
        }
    }

    private int SlotOf(TransactionId id) => (int)((uint)id.GetHashCode() % (uint)_latest.Length);

    private void Enter(TransactionId id, T owner)
    {
        ref int latest = ref _latest[SlotOf(id)];
        _ring[_next] = new Entry(id, owner, latest);
        latest = _next;
        _next = _next + 1 == _ring.Length ? 0 : _next + 1;
        _count++;
    }

    /// <summary>Takes the oldest entry, which is the last of its links, out of them.</summary>
    private void Forget(int index)
    {
        ref int link = ref _latest[SlotOf(_ring[index].Id)];
        while (link != index)
            link = ref _ring[link].Earlier;
        link = None;
        _count--;
    }

    private void Grow()
    {
        Entry[] before = _ring;
        int oldest = _next;
        int length = (int)Math.Min(Math.Max(FirstLength, before.Length * 2L), Capacity);
        _ring = new Entry[length];
        _latest = new int[length];
        Array.Fill(_latest, None);
        _next = _count = 0;
        for (int i = 0; i < before.Length; i++)
        {
            Entry entry = before[(oldest + i) % before.Length];
            Enter(entry.Id, entry.Owner);
        }
    }

    private struct Entry(TransactionId id, T owner, int earlier)
    {
        public readonly TransactionId Id = id;
        public readonly T Owner = owner;
        public int Earlier = earlier;
    }
}
