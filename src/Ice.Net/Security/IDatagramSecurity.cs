using System.Security.Authentication;

namespace Ice.Net;

/// <summary>Makes DTLS associations. .NET has no DTLS of its own: this is where an application puts one in.</summary>
public interface IDatagramSecurity
{
    /// <summary>Makes an association as the client: handshake, and the check of the server's certificate against the host name.</summary>
    /// <param name="pipe">Plain datagrams to the server. It belongs to the association from now on, also when there is none in the end.</param>
    /// <param name="hostName">The name (or IP address) that the certificate has to be for.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The application data of the association. Disposing it says goodbye to the server and disposes <paramref name="pipe"/>.</returns>
    /// <exception cref="AuthenticationException">The handshake failed, or the certificate was refused; the message says why.</exception>
    Task<IDatagramPipe> ConnectAsync(IDatagramPipe pipe, string hostName, CancellationToken cancellationToken);
}
