using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Stun;

namespace IceTool.Turn;

/// <summary>Where a TURN server is and how it is reached.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Path">The transport.</param>
/// <param name="Name">Over TLS: the name or the IP address that the certificate has to be for.</param>
/// <param name="Authorities">Over TLS: who may have signed the certificate; null takes the system's authorities.</param>
internal sealed record TurnEndpoint(IPEndPoint Address, TurnPath Path, string Name, X509Certificate2Collection? Authorities = null)
{
    /// <summary>The address as the protocol machines take it.</summary>
    public TransportAddress Server => TransportAddress.FromIPAddress(Address.Address, Address.Port);

    /// <summary>Opens a path for the messages of an allocation.</summary>
    public async Task<ITurnMessages> OpenAsync(CancellationToken cancellationToken)
    {
        if (Path != TurnPath.Udp)
            return new StreamMessages(await OpenStreamAsync(cancellationToken).ConfigureAwait(false));
        return new DatagramMessages(await ConnectAsync(SocketType.Dgram, ProtocolType.Udp, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Opens a TCP or TLS stream to the server.</summary>
    public async Task<ServerStream> OpenStreamAsync(CancellationToken cancellationToken)
    {
#pragma warning disable CA2000 // the stream owns the socket
        var stream = new NetworkStream(await ConnectAsync(SocketType.Stream, ProtocolType.Tcp, cancellationToken).ConfigureAwait(false), ownsSocket: true);
#pragma warning restore CA2000
        stream.Socket.NoDelay = true;
        var local = (IPEndPoint)stream.Socket.LocalEndPoint!;
        return new ServerStream(Path == TurnPath.Tls ? await SecureAsync(stream, cancellationToken).ConfigureAwait(false) : stream, local);
    }

    public override string ToString() => $"{Address} over {Path switch { TurnPath.Udp => "UDP", TurnPath.Tcp => "TCP", _ => "TLS" }}";

    private async Task<Socket> ConnectAsync(SocketType type, ProtocolType protocol, CancellationToken cancellationToken)
    {
        var socket = new Socket(Address.AddressFamily, type, protocol);
        try
        {
            await socket.ConnectAsync(Address, cancellationToken).ConfigureAwait(false);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<SslStream> SecureAsync(Stream stream, CancellationToken cancellationToken)
    {
        var secure = new SslStream(stream);
        var options = new SslClientAuthenticationOptions { TargetHost = Name, ApplicationProtocols = [new SslApplicationProtocol("stun.turn")] };
        if (Authorities is not null)
        {
            options.CertificateChainPolicy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(Authorities);
        }

        try
        {
            await secure.AuthenticateAsClientAsync(options, cancellationToken).ConfigureAwait(false);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}
