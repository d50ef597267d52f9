namespace DtlsInterop;

/// <summary>One way for OpenSSL, behind an agent and its bridge, and a browser to meet.</summary>
/// <param name="AgentOffers">Whether the description on our side is the offer.</param>
/// <param name="Server">Whether OpenSSL is the DTLS server (the browser is active) or the client (the browser is passive).</param>
/// <param name="Relayed">Whether both sides may use relayed candidates alone, from the product's own server.</param>
internal sealed record InteropCase(bool AgentOffers, bool Server, bool Relayed)
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly bool[] s_both = [true, false];

    /// <summary>Whether our description names another certificate: then the browser must refuse.</summary>
    public bool WrongFingerprint { get; init; }

    /// <summary>Whether the browser sends audio and video, protected with the keys of the DTLS handshake (RFC 5764).</summary>
    public bool Media { get; init; }

    /// <summary>How often ICE is restarted while media flows, by the two sides in turn.</summary>
    public int Restarts { get; init; }

    public static IReadOnlyList<InteropCase> All { get; } =
    [
        .. from relayed in s_both.Reverse()
           from agentOffers in s_both
           from server in s_both
           select new InteropCase(agentOffers, server, relayed),
        .. from server in s_both
           select new InteropCase(AgentOffers: server, server, Relayed: false) { WrongFingerprint = true },
        .. from relayed in s_both.Reverse()
           select new InteropCase(AgentOffers: false, Server: true, relayed) { Media = true },
        new(AgentOffers: false, Server: true, Relayed: false) { Media = true, Restarts = 20 },
    ];

    public string Name =>
        $"agent {(AgentOffers ? "offers" : "answers")}, openssl {(Server ? "s_server" : "s_client")}, {(Relayed ? "relayed on both sides" : "direct")}"
        + (Media ? ", audio and video over SRTP" : "") + (Restarts > 0 ? $", {Restarts} restarts" : "") + (WrongFingerprint ? ", wrong fingerprint" : "");

    /// <summary>Our <c>a=setup</c> (RFC 8842 §5.3): an offer that leaves the roles open lets the browser be active.</summary>
    public string Setup => (AgentOffers, Server) switch
    {
        (true, true) => "actpass",
        (false, true) => "passive",
        _ => "active",
    };

    /// <summary>The browser's answer to it, where it answers.</summary>
    public string BrowserSetup => !AgentOffers ? "actpass" : Server ? "active" : "passive";
}
