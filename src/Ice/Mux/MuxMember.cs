using Ice.Core;
using Stun;

namespace Ice;

/// <summary>An agent at a mux: its sockets there, and the username fragments that it is known by.</summary>
internal sealed class MuxMember
{
    private const int MaxDraws = 16;

    private readonly IceUdpMux _mux;
    // Two while the agent restarts. Guarded by the sockets' array.
    private string[] _names = [];
    private IceAgent? _agent;
    private bool _left;

    public MuxMember(IceUdpMux mux, IEnumerable<MuxPort> ports)
    {
        _mux = mux;
        Sockets = [.. ports.Select(static port => port.CreateSocket())];
    }

    /// <summary>One for each local address of the mux.</summary>
    public MuxSocket[] Sockets { get; }

    /// <summary>Has the agent told which sockets are lost, and why: the mux was disposed of, or one of its own has failed.</summary>
    public void Watch(IceAgent agent)
    {
        _agent = agent;
        if (_mux.IsClosed)
            Lose(Sockets, IceUdpMux.ClosedMessage);
    }

    /// <summary>Tells the agent that sockets are lost; the same may be told twice.</summary>
    public void Lose(IReadOnlyList<MuxSocket> sockets, string reason) => Volatile.Read(ref _agent)?.OnMuxLost(sockets, reason);

    /// <summary>As <see cref="Enter"/>, for the first session: who cannot enter has left.</summary>
    public IceParameters EnterOrLeave(IceParameters? wanted)
    {
        try
        {
            return Enter(wanted);
        }
        catch
        {
            Leave();
            throw;
        }
    }

    /// <summary>Makes the agent known by a username fragment, besides those that it has.</summary>
    /// <param name="wanted">Whose; null draws fresh ones.</param>
    /// <returns>The parameters.</returns>
    /// <exception cref="ArgumentException">Another agent of the mux, or a session of this one, has the username fragment.</exception>
    public IceParameters Enter(IceParameters? wanted)
    {
        if (wanted is not null)
        {
            return TryEnter(wanted.UsernameFragment)
                ? wanted
                : throw new ArgumentException($"An agent of this mux has the username fragment {wanted.UsernameFragment} already, and datagrams are told apart by it: choose another, or leave LocalParameters out to have one drawn.", nameof(wanted));
        }

        // 48 random bits: that they are somebody else's is next to impossible, and that they are so twice a sign of a broken generator.
        for (int draw = 0; draw < MaxDraws; draw++)
        {
            IceParameters drawn = IceParameters.Create(EntropySource.Secure);
            if (TryEnter(drawn.UsernameFragment))
                return drawn;
        }

        throw new InvalidOperationException("No free username fragment was drawn: the system's random numbers are not random.");
    }

    /// <summary>What the agent gathers its host candidates from.</summary>
    public List<HostSocket> Gather(IceComponent component, IceAgentOptions options)
    {
        MuxSocket[] wanted = [.. Sockets.Where(socket => HostGatherer.IsWanted(socket.Port.Address, options))];
        int[] preferences = LocalPreferences.Assign([.. wanted.Select(static socket => TransportAddress.FromIPAddress(socket.LocalEndPoint.Address, 0))]);
        return [.. wanted.Select((socket, i) => new HostSocket(component, socket.Port.Address, preferences[i], socket))];
    }

    /// <summary>Tells the mux from where the agent hears its peer. Called under the driver's lock.</summary>
    public static void SetAccepted(IEnumerable<LocalTransport> transports, IEnumerable<IcePath> paths)
    {
        foreach (LocalTransport transport in transports)
        {
            if (transport.Socket is MuxSocket socket)
                socket.SetAccepted([.. paths.Where(path => path.Base == transport.Id).Select(static path => path.Remote)]);
        }
    }

    /// <summary>Tells the mux on which path the peer has answered and data goes. Called under the driver's lock.</summary>
    public static void SetValidated(IEnumerable<LocalTransport> transports, IcePath? path)
    {
        foreach (LocalTransport transport in transports)
        {
            if (transport.Socket is MuxSocket socket)
                socket.SetValidated(path?.Base == transport.Id ? path.Value.Remote : TransportAddress.None);
        }
    }

    /// <summary>Makes the agent known by these username fragments alone: those of the session and of the one before a restart (RFC 8445 §9).</summary>
    public void Keep(string current, string? previous)
    {
        lock (Sockets)
        {
            RemoveNames(name => name != current && name != previous);
        }
    }

    /// <summary>Makes the agent known by a username fragment no more.</summary>
    public void Withdraw(string name)
    {
        lock (Sockets)
        {
            RemoveNames(known => known == name);
        }
    }

    /// <summary>The agent has closed.</summary>
    public void Leave()
    {
        lock (Sockets)
        {
            _left = true;
            RemoveNames(static name => true);
        }

        Array.ForEach(Sockets, static socket => socket.Leave());
        _agent = null;
        _mux.Remove(this);
    }

    private bool TryEnter(string name)
    {
        lock (Sockets)
        {
            // The first decides: all of them know the same names.
            if (_left || !Array.TrueForAll(Sockets, socket => socket.Port.Router.TryAddUsername(name, socket)))
                return false;
            _names = [.. _names, name];
            return true;
        }
    }

    private void RemoveNames(Predicate<string> match)
    {
        foreach (string name in Array.FindAll(_names, match))
            Array.ForEach(Sockets, socket => socket.Port.Router.RemoveUsername(name, socket));
        _names = Array.FindAll(_names, name => !match(name));
    }
}
