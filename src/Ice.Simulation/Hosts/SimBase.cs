using Ice.Core;

namespace Ice.Simulation;

/// <summary>A socket of a <see cref="SimAgent"/>, as its machine knows it.</summary>
public sealed class SimBase
{
    internal SimBase(BaseId id, ComponentId component, SimSocket socket)
    {
        Id = id;
        Component = component;
        Socket = socket;
    }

    /// <summary>The number.</summary>
    public BaseId Id { get; }

    /// <summary>The component that it serves.</summary>
    public ComponentId Component { get; }

    /// <summary>The socket.</summary>
    public SimSocket Socket { get; }

    /// <summary>Whether it was closed.</summary>
    public bool IsClosed { get; private set; }

    internal void Close()
    {
        IsClosed = true;
        Socket.Close();
    }
}
