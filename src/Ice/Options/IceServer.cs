using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Stun;

namespace Ice;

/// <summary>A STUN or TURN server, with credentials where it asks for them (the W3C's RTCIceServer).</summary>
/// <remarks>
/// The name of a URL is resolved to its addresses (A and AAAA), as browsers do, and a URL without a port means the default one; SRV and NAPTR
/// records (RFC 5928) are asked for where <see cref="IceAgentOptions.ServiceResolver"/> is set. Immutable. <see cref="ToString"/> hides the credential.
/// </remarks>
public sealed record IceServer
{
    /// <summary>Names a server by one URL.</summary>
    /// <param name="url">Such as <c>stun:stun.example.org</c> or <c>stun:192.0.2.1:3478</c> (RFC 7064, RFC 7065).</param>
    /// <param name="username">The username, for TURN.</param>
    /// <param name="credential">The password, for TURN. A secret.</param>
    /// <exception cref="FormatException">The URL is no STUN or TURN URL.</exception>
    public IceServer(string url, string? username = null, string? credential = null)
        : this([url], username, credential)
    {
    }

    /// <summary>Names a server by several URLs, each of which is tried.</summary>
    /// <param name="urls">The URLs (RFC 7064, RFC 7065).</param>
    /// <param name="username">The username, for TURN.</param>
    /// <param name="credential">The password, for TURN. A secret.</param>
    /// <exception cref="FormatException">One of the URLs is no STUN or TURN URL.</exception>
    public IceServer(IEnumerable<string> urls, string? username = null, string? credential = null)
    {
        ArgumentNullException.ThrowIfNull(urls);
        Urls = [.. urls];
        Uris = [.. Urls.Select(StunUri.Parse)];
        if (Urls.Count == 0)
            throw new ArgumentException("An ICE server needs one URL at least, such as stun:stun.example.org.", nameof(urls));
        Username = username;
        Credential = credential;
    }

    /// <summary>The URLs.</summary>
    public IReadOnlyList<string> Urls { get; }

    /// <summary>The URLs, read.</summary>
    public IReadOnlyList<StunUri> Uris { get; }

    /// <summary>The username, or null.</summary>
    public string? Username { get; }

    /// <summary>The password, or null. A secret.</summary>
    public string? Credential { get; }

    /// <summary>
    /// The authorities that may have issued the certificate of a <c>turns:</c> server, or the certificate itself; null trusts those of the system.
    /// </summary>
    /// <remarks>The certificate has to be for the host of the URL whatever is set here.</remarks>
    public X509Certificate2Collection? TrustedRoots { get; init; }

    /// <summary>Decides whether the certificate of a <c>turns:</c> server is good; null takes one without errors, and no other.</summary>
    /// <remarks>Called on any thread during the handshake. What it throws counts as a refusal.</remarks>
    public RemoteCertificateValidationCallback? CertificateValidation { get; init; }

    /// <summary>The URLs and the username, without the credential.</summary>
    public override string ToString() =>
        string.Join(", ", Urls) + (Username is null ? "" : $" as {Username}") + (Credential is null ? "" : " (credential hidden)");
}
