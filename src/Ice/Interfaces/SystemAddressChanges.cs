using System.Net.NetworkInformation;

namespace Ice;

/// <summary>What the system tells of its addresses.</summary>
internal sealed class SystemAddressChanges : IAddressChanges
{
    private readonly Lock _gate = new();
    private Action? _changed;

    private SystemAddressChanges()
    {
    }

    /// <summary>That of the process: the system is asked once, for all agents that watch.</summary>
    public static SystemAddressChanges Instance { get; } = new();

    /// <inheritdoc/>
    public event Action Changed
    {
        add
        {
            lock (_gate)
            {
                if (_changed is null)
                    NetworkChange.NetworkAddressChanged += OnChanged;
                _changed += value;
            }
        }

        remove
        {
            lock (_gate)
            {
                bool watched = _changed is not null;
                _changed -= value;
                if (watched && _changed is null)
                    NetworkChange.NetworkAddressChanged -= OnChanged;
            }
        }
    }

    private void OnChanged(object? sender, EventArgs args)
    {
        Action? changed;
        lock (_gate)
            changed = _changed;
        changed?.Invoke();
    }
}
