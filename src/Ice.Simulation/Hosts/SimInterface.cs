using Stun;

namespace Ice.Simulation;

/// <summary>A network interface of a <see cref="SimHost"/>.</summary>
public sealed class SimInterface
{
    internal SimInterface(SimHost host, string name, Realm realm, Link link, ReadOnlySpan<TransportAddress> addresses)
    {
        Host = host;
        Name = name;
        Addresses = [.. addresses];
        Attachment = realm.Attach(host, $"{host.Name} {name}", link, addresses);
    }

    /// <summary>The host.</summary>
    public SimHost Host { get; }

    /// <summary>The interface's name, such as "eth0".</summary>
    public string Name { get; }

    /// <summary>Its addresses, with port 0.</summary>
    public IReadOnlyList<TransportAddress> Addresses { get; }

    /// <summary>Where it meets its realm.</summary>
    public Attachment Attachment { get; }

    /// <summary>Its link.</summary>
    public Link Link => Attachment.Link;

    /// <summary>Its realm.</summary>
    public Realm Realm => Attachment.Realm;
}
