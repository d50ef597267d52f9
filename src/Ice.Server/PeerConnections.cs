using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Stun;
using Turn;

namespace Ice.Server;

/// <summary>The TCP listeners of relayed addresses and the connections with peers (RFC 6062).</summary>
/// <remarks>A connection that no client has bound yet is not read: what the peer sends waits in the system's buffer.</remarks>
internal sealed class PeerConnections(ServerDriver driver, TaskTracker tasks) : IDisposable
{
    private readonly ConcurrentDictionary<RelayId, Socket> _listeners = new();
    private readonly ConcurrentDictionary<uint, Socket> _connections = new();

    /// <summary>Listens on a relayed address.</summary>
    /// <exception cref="IOException">The system refused.</exception>
    public void Listen(TurnServerEvent.OpenRelay open)
    {
        Socket listener = ServerSockets.ListenTcp(open.Address.ToIPEndPoint(), shared: true);
        _ = _listeners.TryAdd(open.Relay, listener);
        tasks.Run(() => AcceptAsync(open.Relay, listener));
    }

    public void CloseListener(RelayId relay)
    {
        if (_listeners.TryRemove(relay, out Socket? listener))
            listener.Dispose();
    }

    /// <summary>Begins to connect to a peer.</summary>
    public void Connect(TurnServerEvent.ConnectPeer connect)
    {
        try
        {
            Socket socket = ServerSockets.BindTcp(connect.Local);
            _ = _connections.TryAdd(connect.Connection, socket);
            tasks.Run(() => ConnectAsync(connect, socket));
        }
        catch (IOException)
        {
            // Not from within the input that asked for it.
            tasks.Run(() =>
            {
                driver.PeerClosed(connect.Connection);
                return Task.CompletedTask;
            });
        }
    }

    /// <summary>Closes a connection, if it is not a client's already.</summary>
    public void Close(uint connection)
    {
        if (_connections.TryRemove(connection, out Socket? socket))
            socket.Dispose();
    }

    /// <summary>Hands a connection to the client's stream.</summary>
    public Socket? Take(uint connection) => _connections.TryRemove(connection, out Socket? socket) ? socket : null;

    public void Dispose()
    {
        foreach (Socket listener in _listeners.Values)
            listener.Dispose();
        foreach (Socket connection in _connections.Values)
            connection.Dispose();
    }

    private async Task ConnectAsync(TurnServerEvent.ConnectPeer connect, Socket socket)
    {
        try
        {
            await socket.ConnectAsync(connect.Peer.ToIPEndPoint()).ConfigureAwait(false);
            socket.NoDelay = true;
            driver.PeerConnected(connect.Connection);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            driver.PeerClosed(connect.Connection);
        }
    }

    private async Task AcceptAsync(RelayId relay, Socket listener)
    {
        while (true)
        {
            try
            {
                Socket socket = await listener.AcceptAsync().ConfigureAwait(false);
                if (socket.RemoteEndPoint is not IPEndPoint remote
                    || driver.PeerAccepted(relay, TransportAddress.FromIPAddress(remote.Address, remote.Port), id => _connections.TryAdd(id, socket)) == 0)
                    socket.Dispose();
            }
            catch (ObjectDisposedException)
            {
                return;
            }
            catch (SocketException)
            {
                if (!_listeners.ContainsKey(relay))
                    return;
            }
        }
    }
}
