using System.Net.Security;
using System.Security.Authentication;

namespace Ice.Net;

/// <summary>Makes DTLS associations. .NET has no DTLS of its own: this is where an application puts one in.</summary>
public interface IDatagramSecurity
{
    /// <summary>Makes an association as the client: handshake, and the check of the server's certificate.</summary>
    /// <param name="pipe">Plain datagrams to the server. It belongs to the association from now on, also when there is none in the end.</param>
    /// <param name="options">
    /// What TLS would be given: the name (or IP address) that the certificate has to be for (TargetHost), the ALPN labels to offer
    /// (ApplicationProtocols), the policy of the certificate's chain (CertificateChainPolicy; null means that of the system) and what decides
    /// about the certificate (RemoteCertificateValidationCallback): to be called with the certificate, its chain and what is wrong with them, as
    /// <see cref="SslStream"/> does, also when nothing is. Where there is no callback, a certificate without errors is good and no other.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The application data of the association. Disposing it says goodbye to the server and disposes <paramref name="pipe"/>.</returns>
    /// <exception cref="AuthenticationException">The handshake failed, or the certificate was refused; the message says why.</exception>
    Task<IDatagramPipe> ConnectAsync(IDatagramPipe pipe, SslClientAuthenticationOptions options, CancellationToken cancellationToken);
}
