using System.Diagnostics.CodeAnalysis;

namespace Ice.Core;

/// <summary>A queue that is empty as a rule, and then holds no memory: while it has items it borrows the thread's.</summary>
/// <remarks>Not thread-safe. It may be filled on one thread and emptied on another: then the memory changes threads.</remarks>
internal struct PassingQueue<T>
{
    // What grew in a rush is not kept for ever.
    private const int MaxKept = 64;

    [ThreadStatic]
    private static Queue<T>? s_spare;

    private Queue<T>? _items;

    public void Add(T item)
    {
        if (_items is null)
        {
            _items = s_spare ?? new Queue<T>();
            s_spare = null;
        }

        _items.Enqueue(item);
    }

    public readonly bool IsEmpty => _items is null;

    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        if (_items is null)
        {
            item = default;
            return false;
        }

        item = _items.Dequeue();
        if (_items.Count == 0)
            GiveBack();
        return true;
    }

    public void Clear()
    {
        if (_items is null)
            return;
        _items.Clear();
        GiveBack();
    }

    private void GiveBack()
    {
        if (_items!.Capacity <= MaxKept)
            s_spare = _items;
        _items = null;
    }
}
