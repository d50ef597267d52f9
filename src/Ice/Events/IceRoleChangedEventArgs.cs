namespace Ice;

/// <summary>The agent's role changed after a role conflict (RFC 8445 §7.3.1.1).</summary>
/// <param name="role">The new role.</param>
public sealed class IceRoleChangedEventArgs(IceRole role) : EventArgs
{
    /// <summary>The new role.</summary>
    public IceRole Role { get; } = role;
}
