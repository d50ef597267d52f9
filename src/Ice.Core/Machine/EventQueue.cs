using System.Diagnostics.CodeAnalysis;

namespace Ice.Core;

/// <summary>Events that the driver has not read yet, in order.</summary>
internal sealed class EventQueue
{
    private PassingQueue<IceEvent> _events;

    public void Add(IceEvent value) => _events.Add(value);

    public bool TryTake([NotNullWhen(true)] out IceEvent? value) => _events.TryTake(out value);
}
