using System.Globalization;
using Stun;

namespace Ice.Core;

/// <summary>The local and remote candidates of one session. Decides what is redundant; pairs nothing.</summary>
internal sealed class CandidateTable
{
    private LocalCandidate[] _local = [];
    private RemoteCandidate[] _remote = [];
    private LocalCandidate[] _hidden = [];
    private int _foundationCount;
    private int _peerReflexiveCount;

    public LocalCandidate[] Local => _local;

    public RemoteCandidate[] Remote => _remote;

    public LocalCandidate? FindLocal(ComponentId component, TransportAddress address)
    {
        return Find(_local, component, address) ?? Find(_hidden, component, address);

        static LocalCandidate? Find(LocalCandidate[] candidates, ComponentId component, TransportAddress address)
        {
            foreach (LocalCandidate candidate in candidates)
            {
                // A mapped address comes without a zone.
                if (candidate.Component == component && candidate.Info.Address.WithoutScope() == address.WithoutScope())
                    return candidate;
            }

            return null;
        }
    }

    /// <summary>The host or relayed candidate of a base, signalled or not: what a triggered check is sent from. Null for a base of the next session.</summary>
    public LocalCandidate? FindHost(LocalBase localBase)
    {
        foreach (LocalCandidate candidate in _local)
        {
            if (candidate.Base == localBase && candidate.Info.Type is IceCandidateType.Host or IceCandidateType.Relayed)
                return candidate;
        }

        foreach (LocalCandidate candidate in _hidden)
        {
            if (candidate.Base == localBase)
                return candidate;
        }

        return null;
    }

    public RemoteCandidate? FindRemote(ComponentId component, TransportAddress address)
    {
        foreach (RemoteCandidate candidate in _remote)
        {
            if (candidate.Component == component && SameRemote(candidate.Address, address))
                return candidate;
        }

        return null;
    }

    public LocalCandidate AddHost(LocalBase localBase)
    {
        IceCandidate info = Describe(IceCandidateType.Host, localBase, localBase.Address, TransportAddress.None, localBase.Traits.LocalPreference);
        var candidate = new LocalCandidate(info, localBase, TransportAddress.None);
        if (localBase.Traits.SignalHost)
            _local = [.. _local, candidate];
        else
            _hidden = [.. _hidden, candidate];
        return candidate;
    }

    /// <summary>Adds a server-reflexive candidate, or returns null when it is redundant.</summary>
    public LocalCandidate? AddServerReflexive(LocalBase localBase, TransportAddress mapped, GatheringServer server, int serverIndex)
    {
        // RFC 8445 §5.1.3: "A candidate is redundant if and only if its transport address and base equal those of another candidate."
        // RFC 8838 §9: "Trickle ICE agents will consider the new candidate redundant regardless of its priority."
        if (Array.Exists(_local, c => c.Base == localBase && c.Info.Address.WithoutScope() == mapped))
            return null;
        TransportAddress seenBy = server.Address.WithPort(0);
        // RFC 8445 §5.1.2.1: "the local preference MUST be unique for each one"
        int preference = Math.Max(localBase.Traits.LocalPreference - serverIndex, 0);
        IceCandidate info = Describe(IceCandidateType.ServerReflexive, localBase, mapped, seenBy, preference);
        // RFC 8445 §5.1.2: "Each candidate for a data stream MUST have a unique priority": another base may be next to this one.
        while (Array.Exists(_local, c => c.Stream == localBase.Component.Stream && c.Info.Priority == info.Priority))
        {
            preference = preference == 0 ? 65535 : preference - 1;
            info = info with { Priority = CandidatePriority.Compute(IceCandidateType.ServerReflexive, preference, localBase.Component.Component) };
        }

        var candidate = new LocalCandidate(info, localBase, seenBy);
        _local = [.. _local, candidate];
        return candidate;
    }

    /// <summary>Adds a server-reflexive candidate that no server has seen, but that the NAT's next mapping will probably have; null when it is there already.</summary>
    public LocalCandidate? AddPredicted(LocalBase localBase, TransportAddress mapped)
    {
        if (_local.Length >= IceDefaults.MaxLocalCandidates || FindLocal(localBase.Component, mapped) is not null)
            return null;
        // Below all that servers have seen: those have local preferences next to their bases'.
        int preference = localBase.Traits.LocalPreference / 4;
        // RFC 8445 §5.1.1.3: "For reflexive and relayed candidates, the STUN or TURN servers used to obtain them have the same IP address"
        // No server was used, and a check of one says nothing about another: each has a foundation of its own, so that the peer keeps none of
        // them frozen.
        IceCandidate info = Describe(IceCandidateType.ServerReflexive, localBase, mapped, NextFoundation(), preference);
        while (Array.Exists(_local, c => c.Stream == localBase.Component.Stream && c.Info.Priority == info.Priority))
        {
            preference = preference == 0 ? 65535 : preference - 1;
            info = info with { Priority = CandidatePriority.Compute(IceCandidateType.ServerReflexive, preference, localBase.Component.Component) };
        }

        var candidate = new LocalCandidate(info, localBase, TransportAddress.None);
        _local = [.. _local, candidate];
        return candidate;
    }

    public LocalCandidate AddRelayed(LocalBase relayed)
    {
        Relay relay = relayed.Relay!;
        // The server, and the transport protocol to it, tell foundations apart.
        TransportAddress server = relay.Server.Address.WithPort((int)relay.Settings.Transport + 1);
        IceCandidate info = Describe(IceCandidateType.Relayed, relayed, relayed.Address, server, relayed.Traits.LocalPreference) with
        {
            // The related address of a relayed candidate is what the server saw.
            RelatedAddress = relay.Mapped.IsNone || !relayed.Traits.SignalHost ? RelatedAddress(relay.From) : relay.Mapped,
        };
        int preference = relayed.Traits.LocalPreference;
        while (Array.Exists(_local, c => c.Stream == relayed.Component.Stream && c.Info.Priority == info.Priority))
        {
            preference = preference == 0 ? 65535 : preference - 1;
            info = info with { Priority = CandidatePriority.Compute(IceCandidateType.Relayed, preference, relayed.Component.Component) };
        }

        var candidate = new LocalCandidate(info, relayed, server);
        _local = [.. _local, candidate];
        return candidate;
    }

    /// <summary>Finds the candidate that a mapped address names, or adds the peer-reflexive candidate that it shows; null at the limit.</summary>
    public LocalCandidate? FindOrAddPeerReflexive(LocalBase localBase, TransportAddress mapped, uint priority)
    {
        if (FindLocal(localBase.Component, mapped) is { } known)
            return known;
        if (_local.Length >= IceDefaults.MaxLocalCandidates)
            return null;
        // RFC 8445 §7.2.5.3.1: "The priority is the value of the PRIORITY attribute in the Binding request."
        IceCandidate info = Describe(IceCandidateType.PeerReflexive, localBase, mapped, TransportAddress.None, 0) with { Priority = priority };
        var candidate = new LocalCandidate(info, localBase, TransportAddress.None);
        _local = [.. _local, candidate];
        return candidate;
    }

    public void RemoveBase(LocalBase localBase)
    {
        _local = Array.FindAll(_local, c => c.Base != localBase);
        _hidden = Array.FindAll(_hidden, c => c.Base != localBase);
    }

    public RemoteCandidate? AddSignaled(IceCandidate info, int stream)
    {
        if (_remote.Length >= IceDefaults.MaxRemoteCandidates)
            return null;
        var candidate = new RemoteCandidate(info, new ComponentId(stream, info.Component));
        _remote = [.. _remote, candidate];
        return candidate;
    }

    /// <summary>Learns a remote candidate from a check; null at the limit, which lies higher for a check that nominates.</summary>
    public RemoteCandidate? AddRemotePeerReflexive(ComponentId component, TransportAddress source, uint priority, bool nominated)
    {
        int limit = IceDefaults.MaxRemotePeerReflexive + (nominated ? IceDefaults.MaxNominatedPeerReflexive : 0);
        if (_remote.Length >= IceDefaults.MaxRemoteCandidates || _remote.Count(c => c.IsPeerReflexive && c.Component == component) >= limit)
            return null;
        var info = new IceCandidate
        {
            // RFC 8445 §7.3.1.3: "The foundation is an arbitrary value, different from the foundations of all other remote candidates."
            Foundation = NewRemoteFoundation(),
            Component = component.Component,
            Priority = priority,
            Address = source,
            Port = source.Port,
            Type = IceCandidateType.PeerReflexive,
        };
        var candidate = new RemoteCandidate(info, component);
        _remote = [.. _remote, candidate];
        return candidate;
    }

    private string NewRemoteFoundation()
    {
        string foundation;
        do
        {
            foundation = "prflx" + (++_peerReflexiveCount).ToString(CultureInfo.InvariantCulture);
        }
        while (Array.Exists(_remote, c => c.Info.Foundation == foundation));
        return foundation;
    }

    private IceCandidate Describe(IceCandidateType type, LocalBase localBase, TransportAddress address, TransportAddress server, int preference) =>
        Describe(type, localBase, address, FoundationOf(type, localBase.Address, server), preference);

    // RFC 8445 §5.1.1.3: "Two candidates have the same foundation when all of the following are true: ..." The same type, base address, server
    // address and transport.
    private string FoundationOf(IceCandidateType type, TransportAddress baseAddress, TransportAddress server)
    {
        return Find(_local) ?? Find(_hidden) ?? NextFoundation();

        string? Find(LocalCandidate[] candidates) => Array.Find(
            candidates, c => c.Info.Type == type && c.Server == server && c.Base.Address.SameAddress(baseAddress))?.Info.Foundation;
    }

    // One that no candidate has, and none will have.
    private string NextFoundation() => (++_foundationCount).ToString(CultureInfo.InvariantCulture);

    private static IceCandidate Describe(IceCandidateType type, LocalBase localBase, TransportAddress address, string foundation, int preference)
    {
        TransportAddress wire = address.WithoutScope();
        return new IceCandidate
        {
            Foundation = foundation,
            Component = localBase.Component.Component,
            Priority = CandidatePriority.Compute(type, preference, localBase.Component.Component),
            Address = type == IceCandidateType.Host ? address : wire,
            Port = address.Port,
            Type = type,
            RelatedAddress = type == IceCandidateType.Host ? TransportAddress.None : RelatedAddress(localBase),
        };
    }

    // What must not be learned from the candidate is not in its raddr either.
    private static TransportAddress RelatedAddress(LocalBase localBase)
    {
        if (localBase.Traits.SignalHost)
            return localBase.Address.WithoutScope();
        ReadOnlySpan<byte> any = stackalloc byte[16];
        return TransportAddress.FromBytes(localBase.Address.IsIPv6 ? any : any[..4], 0);
    }

    private static bool SameRemote(TransportAddress left, TransportAddress right) =>
        left == right || (left.IsLinkLocal && left.WithoutScope() == right.WithoutScope());
}
