using Stun;

namespace Turn;

/// <summary>How a <see cref="TurnServerCore"/> runs. Immutable.</summary>
public sealed record TurnServerCoreOptions
{
    /// <summary>The IPv4 address on which relay sockets are opened; <see cref="TransportAddress.None"/> relays no IPv4. The port does not matter.</summary>
    public TransportAddress RelayIPv4 { get; init; }

    /// <summary>The IPv6 address on which relay sockets are opened; <see cref="TransportAddress.None"/> relays no IPv6. The port does not matter.</summary>
    public TransportAddress RelayIPv6 { get; init; }

    /// <summary>What clients are told instead of <see cref="RelayIPv4"/>: the public address, when a one-to-one NAT is before the server.</summary>
    public TransportAddress ExternalIPv4 { get; init; }

    /// <summary>What clients are told instead of <see cref="RelayIPv6"/>.</summary>
    public TransportAddress ExternalIPv6 { get; init; }

    /// <summary>The first port for relays.</summary>
    public int MinRelayPort { get; init; } = TurnServerDefaults.MinRelayPort;

    /// <summary>The last port for relays.</summary>
    public int MaxRelayPort { get; init; } = TurnServerDefaults.MaxRelayPort;

    /// <summary>The server's other addresses (those that it listens on), to which nothing is relayed; ports do not matter.</summary>
    public IReadOnlyList<TransportAddress> OwnAddresses { get; init; } = [];

    /// <summary>The four addresses of RFC 5780, or null when the server does not have two addresses.</summary>
    public BehaviorAddresses? Behavior { get; init; }

    /// <summary>Users with long-term credentials; null takes none.</summary>
    public TurnUsers? Users { get; init; }

    /// <summary>Third-party authorization (RFC 7635); null takes no access tokens.</summary>
    public TurnTokenAuthority? Tokens { get; init; }

    /// <summary>Whether anybody may use the server without credentials, when there are neither users nor tokens.</summary>
    public bool AllowAnonymous { get; init; }

    /// <summary>Whether clients are asked to send USERHASH instead of USERNAME. Not possible with time-limited credentials.</summary>
    public bool UsernameAnonymity { get; init; }

    /// <summary>Limits and allowed peers.</summary>
    public RelayPolicy Policy { get; init; } = new();

    /// <summary>Whether the driver can send with the DF bit set; otherwise DONT-FRAGMENT is an unknown attribute.</summary>
    public bool SupportsDontFragment { get; init; }

    /// <summary>The longest lifetime of an allocation that a client can ask for.</summary>
    public TimeSpan MaxLifetime { get; init; } = TurnDefaults.MaxLifetime;

    /// <summary>How long a nonce is taken.</summary>
    public TimeSpan NonceLifetime { get; init; } = TurnServerDefaults.NonceLifetime;

    /// <summary>SOFTWARE of the answers, up to 127 characters; null or empty sends none.</summary>
    public string? Software { get; init; } = "IceAgent";

    /// <summary>The time of day at <see cref="Instant.Zero"/>: for the expiry of time-limited credentials and of tokens.</summary>
    public DateTimeOffset TimeOrigin { get; init; } = DateTimeOffset.UnixEpoch;

    /// <summary>The server that clients are sent to instead (300 Try Alternate); <see cref="TransportAddress.None"/> sends nobody away.</summary>
    public TransportAddress AlternateServer { get; init; }

    internal void Validate()
    {
        if (!RelayIPv4.IsNone && !RelayIPv4.IsIPv4)
            throw new ArgumentException($"RelayIPv4 is {RelayIPv4}, which is no IPv4 address.");
        if (!RelayIPv6.IsNone && !RelayIPv6.IsIPv6)
            throw new ArgumentException($"RelayIPv6 is {RelayIPv6}, which is no IPv6 address.");
        if ((RelayIPv4.IsAny && ExternalIPv4.IsNone) || (RelayIPv6.IsAny && ExternalIPv6.IsNone))
            throw new ArgumentException("A relay address of 0.0.0.0 or :: tells clients nothing: name the address, or set ExternalIPv4 or ExternalIPv6 too.");
        if (!IsExternalOf(ExternalIPv4, RelayIPv4) || !IsExternalOf(ExternalIPv6, RelayIPv6))
            throw new ArgumentException("An external address belongs to a relay address of the same family: set both.");
        if (MinRelayPort < 1 || MaxRelayPort > ushort.MaxValue || MinRelayPort > MaxRelayPort)
            throw new ArgumentException($"The range of relay ports {MinRelayPort} to {MaxRelayPort} is no range within 1 to 65535.");
        if (Users is null && Tokens is null && !AllowAnonymous && !(RelayIPv4.IsNone && RelayIPv6.IsNone))
            throw new ArgumentException("A relay needs users: set Users or Tokens, or AllowAnonymous if everybody may relay.");
        // RFC 8489 §14.14: "It MUST be a UTF-8-encoded [RFC3629] sequence of fewer than 128 characters".
        if (Software?.Length > 127)
            throw new ArgumentException($"Software has {Software.Length} characters, and 127 are allowed: shorten it, or set null to send none.");
        if (MaxLifetime < TurnDefaults.Lifetime)
            throw new ArgumentException($"MaxLifetime is {MaxLifetime}: at least the default lifetime of {TurnDefaults.Lifetime} is given to every allocation.");
    }

    private static bool IsExternalOf(TransportAddress external, TransportAddress relay) => external.IsNone || external.SameFamily(relay);
}
