using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using Ice;
using IceTool.Agents;
using Turn;

namespace IceTool.Peer;

/// <summary>The configuration of <c>ice peer</c>. All of it is optional, and what this program lacks is ignored.</summary>
internal static class PeerConfig
{
    /// <summary>Reads the configuration.</summary>
    /// <exception cref="FormatException">It is no JSON object, or one of its values has the wrong form; the message names it.</exception>
    public static IceAgentOptions Parse(string json)
    {
        try
        {
            using var document = JsonDocument.Parse(json.Trim().Length == 0 ? "{}" : json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new FormatException("the configuration must be a JSON object, such as {\"role\":\"controlled\"}");
            return ToOptions(new JsonFields(document.RootElement));
        }
        catch (JsonException exception)
        {
            throw new FormatException($"the configuration is no JSON: {exception.Message}");
        }
    }

    private static IceAgentOptions ToOptions(JsonFields config)
    {
        IPAddress[] addresses = [.. config.Texts("addresses").Select(ParseAddress)];
        string[] interfaces = config.Texts("interfaces");
        Func<string, bool>? filter = interfaces.Length > 0 ? name => interfaces.Contains(name, StringComparer.Ordinal) : null;
        bool ipv6 = config.Bool("ipv6", true) || addresses.Any(a => a.AddressFamily == AddressFamily.InterNetworkV6 && !config.Has("ipv6"));
        IceAgentOptions options = new()
        {
            Role = config.Choice("role", "controlling", "controlled") == 1 ? IceRole.Controlled : IceRole.Controlling,
            Mode = config.Bool("lite", false) ? IceMode.Lite : IceMode.Full,
            Servers = [.. config.Texts("stun").Select(s => new IceServer("stun:" + s)), .. config.Objects("turn").Select(ToTurnServer)],
            Policy = config.Choice("policy", "all", "relay") == 1 ? IceTransportPolicy.Relay : IceTransportPolicy.All,
            IPv6 = ipv6,
            Streams = [config.Int("components", 1, 1, 256)],
            Pacing = TimeSpan.FromMilliseconds(config.Int("pacing", 50, 5, 60_000)),
            AggressiveNomination = config.Choice("nomination", "regular", "aggressive") == 1,
            Consent = config.Bool("consent", true),
            InterfaceFilter = addresses.Length > 0 ? null : filter,
            BindAddresses = addresses,
            IncludeLoopback = addresses.Length == 0 && LocalAddresses.OnlyLoopback(filter, ipv6),
            Traversal = config.Object("traversal") is { } traversal ? ToTraversal(traversal) : null,
            NameResolver = config.Bool("mdns", false) ? null : NoLocalNames.Instance,
        };
        return config.Bool("mux", false) ? options with { Mux = BindMux(options), BindAddresses = [] } : options;
    }

    // For the session's one agent, as a server has it for many.
    private static IceUdpMux BindMux(IceAgentOptions options)
    {
        try
        {
            return IceUdpMux.Bind(new IceUdpMuxOptions
            {
                Addresses = options.BindAddresses,
                IPv6 = options.IPv6,
                InterfaceFilter = options.InterfaceFilter,
                IncludeLoopback = options.IncludeLoopback,
            });
        }
        catch (SocketException exception)
        {
            throw new FormatException($"\"mux\": {exception.Message}");
        }
    }

    private static IPAddress ParseAddress(string text) =>
        IPAddress.TryParse(text, out IPAddress? address) ? address : throw new FormatException($"\"addresses\" has '{text}', which is no IP address");

    private static IceTraversalOptions ToTraversal(JsonFields fields)
    {
        IceTraversalOptions defaults = new();
        return new IceTraversalOptions
        {
            PredictPorts = fields.Int("predictPorts", defaults.PredictPorts, 0, IceTraversalOptions.MaxPredictPorts),
            GuessSockets = fields.Int("guessSockets", defaults.GuessSockets, 0, IceTraversalOptions.MaxGuessSockets),
            MaxProbes = fields.Int("maxProbes", defaults.MaxProbes, 0, 65_535),
            ProbesPerSecond = fields.Int("probesPerSecond", defaults.ProbesPerSecond, 1, 200),
            Duration = TimeSpan.FromMilliseconds(fields.Int("duration", (int)defaults.Duration.TotalMilliseconds, 1, (int)IceTraversalOptions.MaxDuration.TotalMilliseconds)),
        };
    }

    private static IceServer ToTurnServer(JsonFields turn)
    {
        string host = turn.Text("host") ?? throw new FormatException("an entry of \"turn\" has no \"host\"");
        string literal = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]" : host;
        int transport = turn.Choice("transport", "udp", "tcp", "tls");
        int port = turn.Int("port", transport == 2 ? 5349 : 3478, 1, 65_535);
        string url = $"{(transport == 2 ? "turns" : "turn")}:{literal}:{port}?transport={(transport == 0 ? "udp" : "tcp")}";
        (string? user, string? password) = CredentialOf(turn);
        return new IceServer(url, user, password) { TrustedRoots = turn.Text("ca") is { } file ? ReadAuthorities(file) : null };
    }

    // A secret stands for the web service that would hand out a credential made from it.
    private static (string? User, string? Password) CredentialOf(JsonFields turn)
    {
        if (turn.Text("secret") is not { Length: > 0 } secret)
            return (turn.Text("user"), turn.Text("pass"));
        RestCredential credential = RestCredential.Create(Encoding.UTF8.GetBytes(secret), TimeProvider.System.GetUtcNow().AddDays(1), turn.Text("user"));
        return (credential.Username, credential.Password);
    }

    private static X509Certificate2Collection ReadAuthorities(string file)
    {
        X509Certificate2Collection authorities = [];
        try
        {
            authorities.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new FormatException($"\"ca\" names '{file}', which cannot be read as PEM: {exception.Message}");
        }

        return authorities.Count > 0 ? authorities : throw new FormatException($"\"ca\" names '{file}', which holds no certificate in PEM");
    }
}
