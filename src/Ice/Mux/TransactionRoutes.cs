using Stun;

namespace Ice;

/// <summary>Who sent which request: two tables, of which the older is emptied when the younger is full. Bounded, and without a clock.</summary>
/// <remarks>
/// An entry stays when its response has come: RFC 8489 §9.1.4 has a response with the wrong integrity "discarded, as if it had never been
/// received", so that the right one must still find its way.
/// </remarks>
internal sealed class TransactionRoutes<T>
    where T : class
{
    private readonly Lock _gate = new();
    private Dictionary<TransactionId, T> _young = [];
    private Dictionary<TransactionId, T> _old = [];

    /// <summary>How many further requests an entry outlives at least; twice as many entries are kept at most.</summary>
    public int Capacity { get; set; } = 1;

    /// <summary>How many entries there are.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _young.Count + _old.Count;
        }
    }

    /// <summary>Notes a request, or its retransmission.</summary>
    public void Add(TransactionId id, T owner)
    {
        lock (_gate)
        {
            if (_young.Count >= Capacity)
            {
                (_young, _old) = (_old, _young);
                _young.Clear();
            }

            _young[id] = owner;
        }
    }

    /// <summary>Whose request a response answers; null when it is nobody's.</summary>
    public T? Find(TransactionId id)
    {
        lock (_gate)
            return _young.GetValueOrDefault(id) ?? _old.GetValueOrDefault(id);
    }
}
