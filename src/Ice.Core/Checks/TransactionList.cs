using System.Diagnostics.CodeAnalysis;
using Stun;

namespace Ice.Core;

/// <summary>The requests of a session that are under way, oldest first. Bounded by pairs, bases and servers.</summary>
internal sealed class TransactionList
{
    private readonly List<Transaction> _items = new(1);
    private Transaction? _ended;

    public List<Transaction> Items => _items;

    public void Add(Transaction transaction)
    {
        _items.Add(transaction);
        if (transaction.Check is { } check)
            Bound(check.Pair);
    }

    /// <summary>Finds the request that a response answers, as a rule one of the last.</summary>
    public bool TryFind(TransactionId id, [NotNullWhen(true)] out Transaction? transaction)
    {
        for (int i = _items.Count - 1; i >= 0; i--)
        {
            transaction = _items[i];
            if (transaction.Id == id)
                return true;
        }

        transaction = null;
        return false;
    }

    public void Remove(Transaction transaction)
    {
        _items.Remove(transaction);
        if (transaction.Check is { IsConsent: true })
            _ended = transaction;
    }

    /// <summary>Has a consent check that is over used again by whoever makes the next, of all agents. Call it when nothing refers to the check.</summary>
    public void GiveBackEnded()
    {
        if (_ended is not null)
            SpareConsents.GiveBack(_ended);
        _ended = null;
    }

    public void RemoveWhere(Predicate<Transaction> match)
    {
        for (int i = _items.Count - 1; i >= 0; i--)
        {
            if (match(_items[i]))
                _items.RemoveAt(i);
        }
    }

    /// <summary>Cancels the checks of a pair (RFC 8445 §7.3.1.4, §8.1.2).</summary>
    public void Cancel(CandidatePair pair)
    {
        foreach (Transaction transaction in _items)
        {
            if (transaction.Check is { IsConsent: false } check && check.Pair == pair)
                transaction.Cancelled = true;
        }
    }

    public bool HasActive(CandidatePair pair) => FindActive(pair) is not null;

    /// <summary>The check of a pair that is under way; null when there is none.</summary>
    public Transaction? FindActive(CandidatePair pair)
    {
        foreach (Transaction transaction in _items)
        {
            if (!transaction.Cancelled && transaction.Check is { IsConsent: false } check && check.Pair == pair)
                return transaction;
        }

        return null;
    }

    private void Bound(CandidatePair pair)
    {
        int count = 0;
        for (int i = _items.Count - 1; i >= 0; i--)
        {
            if (_items[i].Check?.Pair == pair && ++count > IceDefaults.MaxTransactionsPerPair)
            {
                Remove(_items[i]);
                return;
            }
        }
    }
}
