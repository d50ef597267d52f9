using Ice.Core;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using Ice.Net;

namespace Ice;

/// <summary>Opens the way to a TURN server from one local address: TCP, TLS over TCP, or DTLS.</summary>
internal sealed class RelayConnector(IceAgentOptions options)
{
    // What a message of the server adds to a datagram that it carries.
    private const int MessageOverhead = 256;

    // The machine gives up on the server after the whole GatheringTimeout and cannot say why: what keeps the link from opening is reported before.
    private readonly TimeSpan _limit = options.GatheringTimeout * 0.9;

    /// <summary>Opens it, within nine tenths of the time limit for gathering.</summary>
    /// <returns>The link, or why there is none.</returns>
    public async Task<(RelayLink? Link, string? Failure)> OpenAsync(RelayTarget target, IPAddress local, CancellationToken cancellationToken)
    {
        ServerCertificateCheck check = new(target.Server, target.Uri.Host);
        IPEndPoint[] remotes = target.EndPointsFor(local);
        string where = string.Join(" or ", remotes.Select(static remote => remote.ToString()));
        using CancellationTokenSource timeout = new(_limit, options.TimeProvider);
        using CancellationTokenSource stop = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        bool connected = false;
#pragma warning disable CA1031 // the application's certificate check and its DTLS may throw anything; the server is then of no use, and nothing more
        try
        {
            if (target.Transport == RelayTransport.Dtls)
                return (await OpenDatagramsAsync(local, remotes[0], check, stop.Token).ConfigureAwait(false), null);
            Socket socket = await StreamConnector.ConnectAsync(local, remotes, options.TimeProvider, stop.Token).ConfigureAwait(false);
            connected = true;
            Stream stream = target.Transport == RelayTransport.Tls
                ? await SecureAsync(socket, check, stop.Token).ConfigureAwait(false)
                : new NetworkStream(socket, ownsSocket: true);
            return (new StreamLink(stream), null);
        }
        catch (OperationCanceledException)
        {
            string limit = $"within {_limit.TotalSeconds:0.##} s";
            return (null, target.Transport == RelayTransport.Dtls
                ? $"no DTLS session with {where} {limit}: does the server speak DTLS at this UDP port, and can it be reached from {local}?"
                : connected
                ? $"no TLS session with {where} {limit}: is it TLS that the server speaks at this port?"
                : $"no connection to {where} {limit}: can the server be reached from {local}?");
        }
        catch (AuthenticationException exception)
        {
            return (null, check.Problem ?? $"the handshake with {where} failed: {Innermost(exception)}");
        }
        catch (Exception exception)
        {
            return (null, connected
                ? $"the TLS handshake with {where} failed: {Innermost(exception)} Is it TLS that the server speaks at this port?"
                : $"cannot connect to {where} from {local}: {Innermost(exception)}");
        }
#pragma warning restore CA1031
    }

    private static async Task<SslStream> SecureAsync(Socket socket, ServerCertificateCheck check, CancellationToken cancellationToken)
    {
        SslStream secure = new(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await secure.AuthenticateAsClientAsync(check.Options, cancellationToken).ConfigureAwait(false);
            return secure;
        }
        catch
        {
            await secure.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task<DatagramLink> OpenDatagramsAsync(IPAddress local, IPEndPoint remote, ServerCertificateCheck check, CancellationToken cancellationToken)
    {
        UdpPipe pipe = UdpPipe.Connect(local, remote);
        try
        {
            IDatagramPipe secure = await options.DatagramSecurity!.ConnectAsync(pipe, check.Options, cancellationToken).ConfigureAwait(false);
            return new DatagramLink(secure, options.MaxDatagramSize + MessageOverhead);
        }
        catch
        {
            await pipe.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static string Innermost(Exception exception) => exception.GetBaseException().Message;
}
