using System.Security.Cryptography.X509Certificates;
using Stun;

namespace IceTool.Turn;

/// <summary>What the command line asks for.</summary>
/// <param name="Server">The server.</param>
/// <param name="Paths">The transports to try, each with its port.</param>
/// <param name="Authorities">Who may have signed the server's certificate; null takes the system's authorities.</param>
/// <param name="Settings">How each is tried.</param>
/// <param name="Json">Whether the report is JSON lines.</param>
internal sealed record TurnRequest(
    StunUri Server,
    IReadOnlyList<(TurnPath Path, int Port)> Paths,
    X509Certificate2Collection? Authorities,
    TurnProbeSettings Settings,
    bool Json);
