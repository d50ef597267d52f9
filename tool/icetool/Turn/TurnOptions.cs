using System.CommandLine;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Stun;
using Turn;

namespace IceTool.Turn;

/// <summary>The options of <c>ice turn</c>.</summary>
internal sealed class TurnOptions
{
    // Not Required: --help shall not ask for it.
    private readonly Option<string?> _server = new("--server", "-s")
    {
        Description = "The server, as turn:HOST, turn:HOST:PORT?transport=tcp or turns:HOST. Without a transport (and with turn:) UDP, TCP and TLS are tried.",
    };

    private readonly Option<string?> _user = new("--user", "-u") { Description = "The username; with --rest-secret the name that follows the time in it." };
    private readonly Option<string?> _password = new("--password", "-p") { Description = "The password." };
    private readonly Option<string?> _restSecret = new("--rest-secret") { Description = "The secret that the server shares with a web service: makes a credential for an hour." };
    private readonly Option<FileInfo?> _authorities = new("--ca") { Description = "The certificates (PEM) of those who may have signed the server's; without it, the system's." };
    private readonly Option<int> _tlsPort = new("--tls-port") { Description = "The port for TLS, when --server names no transport.", DefaultValueFactory = _ => StunUri.DefaultSecurePort };
    private readonly Option<string?> _relay = new("--relay") { Description = "The family of the relayed address, ipv4 or ipv6; without it, the server's choice." };
    private readonly Option<int> _timeout = new("--timeout", "-t") { Description = "How many seconds the server may take over each transport.", DefaultValueFactory = _ => 10 };
    private readonly Option<double> _seconds = new("--seconds") { Description = "For how many seconds the throughput is measured; 0 leaves it out.", DefaultValueFactory = _ => 1 };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a line." };

    public IEnumerable<Option> All => [_server, _user, _password, _restSecret, _authorities, _tlsPort, _relay, _timeout, _seconds, _json];

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">A value cannot be used; the message says which and what is expected.</exception>
    public TurnRequest Read(ParseResult parsed)
    {
        StunUri uri = Server(parsed.GetValue(_server) ?? throw new FormatException("Which server? Give --server, such as turn:turn.example.org."));
        string? relay = parsed.GetValue(_relay);
        int timeout = parsed.GetValue(_timeout);
        double seconds = parsed.GetValue(_seconds);
        int tlsPort = parsed.GetValue(_tlsPort);
        if (timeout is < 1 or > 600 || seconds is not (>= 0 and <= 600))
            throw new FormatException("--timeout must be 1 to 600 seconds, and --seconds 0 to 600.");
        if (tlsPort is < 1 or > ushort.MaxValue)
            throw new FormatException("--tls-port must be 1 to 65535.");
        var client = new TurnClientOptions
        {
            // Filled in for each transport.
            Server = default,
            Credential = Credential(parsed.GetValue(_user), parsed.GetValue(_password), parsed.GetValue(_restSecret)),
            RelayFamily = relay switch
            {
                null => TurnRelayFamily.Default,
                "ipv4" => TurnRelayFamily.IPv4,
                "ipv6" => TurnRelayFamily.IPv6,
                _ => throw new FormatException($"--relay '{relay}' is no address family: write ipv4 or ipv6."),
            },
        };
        return new TurnRequest(
            uri,
            Paths(uri, tlsPort),
            Authorities(parsed.GetValue(_authorities)),
            new TurnProbeSettings(client, TimeSpan.FromSeconds(timeout), TimeSpan.FromSeconds(seconds)),
            parsed.GetValue(_json));
    }

    private static StunUri Server(string text)
    {
        StunUri uri = StunUri.Parse(text);
        if (!uri.IsTurn)
            throw new FormatException($"'{text}' names no TURN server: write it as turn:HOST or turns:HOST.");
        if (uri is { IsSecure: true, ExplicitTransport: StunTransport.Udp })
            throw new FormatException($"'{text}' asks for DTLS, which is not supported: write turns:HOST for TLS.");
        return uri;
    }

    private static IReadOnlyList<(TurnPath Path, int Port)> Paths(StunUri uri, int tlsPort) => uri switch
    {
        { IsSecure: true } => [(TurnPath.Tls, uri.Port)],
        { ExplicitTransport: StunTransport.Udp } => [(TurnPath.Udp, uri.Port)],
        { ExplicitTransport: StunTransport.Tcp } => [(TurnPath.Tcp, uri.Port)],
        _ => [(TurnPath.Udp, uri.Port), (TurnPath.Tcp, uri.Port), (TurnPath.Tls, tlsPort)],
    };

    private static LongTermCredential? Credential(string? user, string? password, string? restSecret)
    {
        if (restSecret is not null && password is not null)
            throw new FormatException("Give --password or --rest-secret, not both.");
        if (restSecret is null && (user is null) != (password is null))
            throw new FormatException("--user and --password belong together.");
        try
        {
            if (restSecret is not null)
                return RestCredential.Create(Encoding.UTF8.GetBytes(restSecret), DateTimeOffset.UtcNow.AddHours(1), user).ToLongTermCredential();
            return user is null ? null : new LongTermCredential(user, password!);
        }
        catch (ArgumentException exception)
        {
            throw new FormatException($"These credentials cannot be used: {exception.Message}", exception);
        }
    }

    private static X509Certificate2Collection? Authorities(FileInfo? file)
    {
        if (file is null)
            return null;
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(file.FullName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new FormatException($"--ca {file}: {exception.Message}", exception);
        }

        return authorities.Count > 0 ? authorities : throw new FormatException($"--ca {file} holds no certificate in PEM.");
    }
}
