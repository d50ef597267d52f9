namespace Ice;

/// <summary>Tells that addresses of the host have changed, and not which.</summary>
internal interface IAddressChanges
{
    /// <summary>Something has changed; raised on any thread, and often several times for one change.</summary>
    event Action Changed;
}
