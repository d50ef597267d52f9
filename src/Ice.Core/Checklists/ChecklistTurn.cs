namespace Ice.Core;

/// <summary>The checklists of a set in the order in which they are picked; going through them allocates nothing.</summary>
internal struct ChecklistTurn(Checklist[] lists, int first)
{
    private int _count = -1;

    public readonly Checklist Current => lists[(first + _count) % lists.Length];

    public readonly ChecklistTurn GetEnumerator() => this;

    public bool MoveNext() => ++_count < lists.Length;
}
