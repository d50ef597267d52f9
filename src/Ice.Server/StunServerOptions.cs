using System.Net;
using Microsoft.Extensions.Logging;

namespace Ice.Server;

/// <summary>How a <see cref="StunServer"/> runs. Immutable.</summary>
public sealed record StunServerOptions
{
    /// <summary>
    /// Where to listen, one UDP socket each; port 0 takes a free one. An unspecified address (0.0.0.0 or ::) stands for every address that
    /// the machine's interfaces have when the server starts: one socket for each, so that an answer always leaves from the address that was asked.
    /// </summary>
    public required IReadOnlyList<IPEndPoint> EndPoints { get; init; }

    /// <summary>SOFTWARE of the answers, up to 127 characters (RFC 8489 §14.14); null sends none.</summary>
    public string? Software { get; init; } = "IceAgent";

    /// <summary>Where the server logs to; null logs nothing. Clients' addresses are never logged.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }
}
