namespace Ice;

/// <summary>Which agent nominates (RFC 8445 §6.1.1).</summary>
public enum IceRole
{
    /// <summary>This agent waits for the peer's nomination.</summary>
    Controlled,

    /// <summary>This agent nominates the pair that both will use.</summary>
    Controlling,
}
