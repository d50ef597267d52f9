namespace Ice;

/// <summary>A remote address and who has claims to it. Changed under the router's lock, and read without.</summary>
internal sealed class MuxRoute<T>
    where T : class
{
    // In the order of the claims; a claim that is validated, or no longer, moves to the end.
    private readonly List<(T Owner, bool Validated)> _claims = new(1);
    private T _owner;
    private bool _isShared;

    public MuxRoute(T owner, bool validated)
    {
        _claims.Add((owner, validated));
        _owner = owner;
    }

    /// <summary>Who gets what comes from there: the last who validated it; the first of them when none did.</summary>
    public T Owner => Volatile.Read(ref _owner);

    /// <summary>Whether several have validated it: what comes from there may be meant for another.</summary>
    public bool IsShared => Volatile.Read(ref _isShared);

    /// <summary>Enters a claim, or changes it.</summary>
    public void Set(T owner, bool validated)
    {
        int index = IndexOf(owner);
        if (index >= 0 && _claims[index].Validated == validated)
            return;
        if (index >= 0)
            _claims.RemoveAt(index);
        _claims.Add((owner, validated));
        Publish();
    }

    /// <summary>Removes a claim.</summary>
    /// <returns>False when no other is left.</returns>
    public bool Remove(T owner)
    {
        if (IndexOf(owner) is >= 0 and var index)
            _claims.RemoveAt(index);
        if (_claims.Count == 0)
            return false;
        Publish();
        return true;
    }

    private int IndexOf(T owner)
    {
        for (int i = _claims.Count - 1; i >= 0; i--)
        {
            if (ReferenceEquals(_claims[i].Owner, owner))
                return i;
        }

        return -1;
    }

    // Who has only received a request from there does not take it from another: the sender's address of a request can be forged, that of the
    // response to one cannot.
    private void Publish()
    {
        int last = _claims.FindLastIndex(static claim => claim.Validated);
        Volatile.Write(ref _owner, _claims[Math.Max(last, 0)].Owner);
        Volatile.Write(ref _isShared, last > 0 && _claims.FindLastIndex(last - 1, static claim => claim.Validated) >= 0);
    }
}
