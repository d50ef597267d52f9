using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using IceTool.Turn;
using Stun;
using Turn;

namespace CoturnInterop;

/// <summary>TCP allocations (RFC 6062): the client connects to a peer, and a peer to the client.</summary>
internal static class TcpRelayCases
{
    public static IEnumerable<InteropCase> Of(Servers servers, TestCertificates certificates) =>
        from path in (TurnPath[])[TurnPath.Tcp, TurnPath.Tls]
        from address in (IPAddress[])[IPAddress.Loopback, IPAddress.IPv6Loopback]
        from incoming in (bool[])[false, true]
        select new InteropCase(
            $"RFC 6062 over {RelayCases.PathName(path)}, {RelayCases.FamilyName(address)}: {(incoming ? "a peer connects to the relay" : "Connect to a peer")}",
            servers.Passwords,
            context => RunAsync(context, servers.Passwords.At(address, path, certificates.Trusted), incoming));

    private static async Task<string?> RunAsync(CaseContext context, TurnEndpoint endpoint, bool incoming)
    {
        CancellationToken cancellation = context.Cancellation;
        TurnRelayFamily family = endpoint.Server.IsIPv4 ? TurnRelayFamily.IPv4 : TurnRelayFamily.IPv6;
        await using TurnSession session = await TurnSession.AllocateAsync(endpoint, context.Options(family) with { Transport = TurnTransport.Tcp }, cancellation);
        if (incoming)
            await TakeConnectionAsync(session, endpoint.Address.Address, cancellation);
        else
            await ConnectAsync(session, endpoint.Address.Address, cancellation);
        await session.CloseAsync(cancellation);
        return null;
    }

    private static async Task ConnectAsync(TurnSession session, IPAddress address, CancellationToken cancellation)
    {
        using var listener = new TcpListener(address, 0);
        listener.Start();
        TransportAddress peer = Addresses.Of((IPEndPoint)listener.LocalEndpoint);
        session.Do((client, now) => client.Connect(peer, now));
        using TcpClient accepted = await listener.AcceptTcpClientAsync(cancellation);
        Check.Equal(session.Relayed, Addresses.Of((IPEndPoint)accepted.Client.RemoteEndPoint!), "the address that coturn connects from");
        TurnClientEvent.PeerConnected connected = await session.ExpectAsync<TurnClientEvent.PeerConnected>(cancellation);
        Check.Equal(peer, connected.Peer, "the peer that is connected");
        await TalkAsync(session, connected.ConnectionId, accepted.GetStream(), cancellation);
    }

    private static async Task TakeConnectionAsync(TurnSession session, IPAddress address, CancellationToken cancellation)
    {
        using var peer = new TcpClient(address.AddressFamily);
        peer.Client.Bind(new IPEndPoint(address, 0));
        await session.PermitAsync(Addresses.Of((IPEndPoint)peer.Client.LocalEndPoint!), cancellation);
        await peer.ConnectAsync(Addresses.Of(session.Relayed), cancellation);
        TurnClientEvent.ConnectionAttempt attempt = await session.ExpectAsync<TurnClientEvent.ConnectionAttempt>(cancellation);
        Check.Equal(Addresses.Of((IPEndPoint)peer.Client.LocalEndPoint!), attempt.Peer, "the peer that connects");
        await TalkAsync(session, attempt.ConnectionId, peer.GetStream(), cancellation);
    }

    // The peer speaks first, before there is a data connection: the server has to keep that.
    private static async Task TalkAsync(TurnSession session, uint connectionId, NetworkStream peer, CancellationToken cancellation)
    {
        byte[] early = "before the data connection was bound"u8.ToArray();
        await peer.WriteAsync(early, cancellation);
        await using PeerStream stream = await PeerStream.BindAsync(session, connectionId, cancellation);
        Check.SameBytes(early, await stream.ReceiveAsync(early.Length, cancellation), "what the peer sent early");
        byte[] much = RandomNumberGenerator.GetBytes(100_000);
        Task sending = stream.SendAsync(much, cancellation);
        byte[] came = new byte[much.Length];
        await peer.ReadExactlyAsync(came, cancellation);
        await sending;
        Check.SameBytes(much, came, "100,000 bytes to the peer");
        Task answering = peer.WriteAsync(much, cancellation).AsTask();
        Check.SameBytes(much, await stream.ReceiveAsync(much.Length, cancellation), "100,000 bytes from the peer");
        await answering;
    }
}
