using System.Diagnostics.CodeAnalysis;

namespace Ice.Core;

/// <summary>Events that the driver has not read yet, in order.</summary>
internal sealed class EventQueue
{
    private readonly Queue<IceEvent> _events = new();

    public void Add(IceEvent value) => _events.Enqueue(value);

    public bool TryTake([NotNullWhen(true)] out IceEvent? value) => _events.TryDequeue(out value);
}
