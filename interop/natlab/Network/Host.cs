namespace NatLab.Network;

/// <summary>A host where agents run.</summary>
/// <param name="Namespace">Its namespace.</param>
/// <param name="Address">Its address.</param>
internal sealed record Host(NetworkNamespace Namespace, string Address)
{
    public string Name => Namespace.Name;
}
