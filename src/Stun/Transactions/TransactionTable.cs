using System.Diagnostics.CodeAnalysis;

namespace Stun;

/// <summary>The requests of a client that wait for their responses: retransmissions and timeouts, bounded in number (RFC 8489 §6.2).</summary>
/// <typeparam name="TState">What the owner keeps with a transaction, such as the means to encode the request again.</typeparam>
/// <remarks>
/// The owner sends the first transmission itself, then drains <see cref="TryTakeDue"/> whenever <see cref="NextTimeout"/> has come.
/// Not thread-safe.
/// </remarks>
public sealed class TransactionTable<TState>
{
    private readonly Dictionary<TransactionId, StunTransaction<TState>> _transactions = [];
    private Instant? _nextTimeout;

    /// <summary>Makes an empty table.</summary>
    /// <param name="capacity">The greatest number of transactions at a time.</param>
    /// <param name="capacityPerServer">
    /// The greatest number to one IP address. Give <see cref="int.MaxValue"/> where something else limits the rate, as ICE does.
    /// </param>
    public TransactionTable(int capacity, int capacityPerServer = TransactionLimits.OutstandingPerServer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacityPerServer, 1);
        Capacity = capacity;
        CapacityPerServer = capacityPerServer;
    }

    /// <summary>The greatest number of transactions at a time.</summary>
    public int Capacity { get; }

    /// <summary>The greatest number of transactions to one IP address at a time.</summary>
    public int CapacityPerServer { get; }

    /// <summary>How many transactions wait.</summary>
    public int Count => _transactions.Count;

    /// <summary>When <see cref="TryTakeDue"/> has something to do next; never when the table is empty.</summary>
    public Instant NextTimeout => _nextTimeout ??= EarliestDeadline();

    /// <summary>Adds a transaction whose request leaves now for the first time.</summary>
    /// <param name="id">The transaction id.</param>
    /// <param name="remote">Where the request goes.</param>
    /// <param name="state">What to keep with it.</param>
    /// <param name="schedule">When it is sent again; <see cref="RetransmissionSchedule.Reliable"/> over TCP and TLS.</param>
    /// <param name="now">The time.</param>
    /// <returns>False when the table is full, when too many go to that server, or when the id is in use: try later.</returns>
    public bool TryAdd(TransactionId id, TransportAddress remote, TState state, RetransmissionSchedule schedule, Instant now)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        if (_transactions.Count >= Capacity || CountTo(remote) >= CapacityPerServer)
            return false;
        var transaction = new StunTransaction<TState>(id, remote, state, schedule, now);
        if (!_transactions.TryAdd(id, transaction))
            return false;
        if (_nextTimeout is { } next)
            _nextTimeout = Instant.Min(next, transaction.Deadline);
        return true;
    }

    /// <summary>Finds the transaction of a response.</summary>
    public bool TryGet(TransactionId id, [NotNullWhen(true)] out StunTransaction<TState>? transaction) => _transactions.TryGetValue(id, out transaction);

    /// <summary>Takes a transaction out, because its response was processed or it is given up.</summary>
    public bool TryRemove(TransactionId id, [NotNullWhen(true)] out StunTransaction<TState>? transaction)
    {
        bool removed = _transactions.Remove(id, out transaction);
        if (removed)
            _nextTimeout = null;
        return removed;
    }

    /// <summary>Takes the next transaction whose time has come. Call until it returns false.</summary>
    /// <param name="now">The time.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="due">What to do. A transaction that has failed is no longer in the table.</param>
    public bool TryTakeDue(Instant now, [NotNullWhen(true)] out StunTransaction<TState>? transaction, out TransactionDue due)
    {
        transaction = null;
        due = TransactionDue.None;
        if (NextTimeout > now)
            return false;
        foreach (StunTransaction<TState> candidate in _transactions.Values)
        {
            if (candidate.Deadline <= now && (transaction is null || candidate.Deadline < transaction.Deadline))
                transaction = candidate;
        }

        if (transaction is null)
            return false;
        due = transaction.Advance(now);
        if (due != TransactionDue.Retransmit)
            _ = _transactions.Remove(transaction.Id);
        _nextTimeout = null;
        return true;
    }

    /// <summary>Takes every transaction out, because the transport is gone.</summary>
    public void Clear()
    {
        _transactions.Clear();
        _nextTimeout = null;
    }

    private int CountTo(TransportAddress remote)
    {
        if (CapacityPerServer >= Capacity)
            return 0;
        int count = 0;
        foreach (StunTransaction<TState> transaction in _transactions.Values)
        {
            if (transaction.Remote.SameAddress(remote))
                count++;
        }

        return count;
    }

    private Instant EarliestDeadline()
    {
        Instant earliest = Instant.Never;
        foreach (StunTransaction<TState> transaction in _transactions.Values)
            earliest = Instant.Min(earliest, transaction.Deadline);
        return earliest;
    }
}
