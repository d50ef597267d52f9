using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ice.Server;
using Turn;

namespace IceTool.Serve;

/// <summary>The options of <c>ice serve</c>.</summary>
internal sealed class ServeOptions
{
    private readonly Option<string[]> _udp = Many("--udp", "An address to listen on with UDP, as 192.0.2.1, 192.0.2.1:3478 or [::]:3478. Repeatable; without any endpoint 127.0.0.1:3478 is taken.");
    private readonly Option<string[]> _tcp = Many("--tcp", "An address to listen on with TCP. Repeatable.");
    private readonly Option<string[]> _tls = Many("--tls", "An address to listen on with TLS; the default port is 5349. Repeatable.");
    private readonly Option<string?> _alternate = One("--alternate", "A second address and port (UDP) for NAT behavior discovery (RFC 5780), such as 192.0.2.2:3479.");
    private readonly Option<string[]> _users = Many("--user", "A user who may relay, as name:password. Repeatable.");
    private readonly Option<string> _realm = new("--realm") { Description = "The realm of the users.", DefaultValueFactory = _ => "localhost" };
    private readonly Option<string?> _restSecret = One("--rest-secret", "The secret shared with a web service that gives out time-limited credentials.");
    private readonly Option<string?> _relayRange = One("--relay-range", "The ports for relays, as 49152-65535 (the default).");
    private readonly Option<string[]> _relayAddress = Many("--relay-address", "The address to relay from, once per family; by default the first that is listened on.");
    private readonly Option<string[]> _externalAddress = Many("--external-address", "The public address that clients are told, when a one-to-one NAT is before the server.");
    private readonly Option<FileInfo?> _certificate = new("--cert") { Description = "The certificate for TLS (PEM, with its chain). Without it, --tls makes one that no client can verify." };
    private readonly Option<FileInfo?> _key = new("--key") { Description = "The certificate's private key (PEM); by default it is in the certificate's file." };
    private readonly Option<bool> _loopback = new("--allow-loopback") { Description = "Relay to loopback addresses: only for tests on one machine." };
    private readonly Option<bool> _private = new("--allow-private") { Description = "Relay to private and link-local addresses." };
    private readonly Option<bool> _legacy = new("--allow-legacy-channels") { Description = "Take the channel numbers 0x5000 to 0x7FFF of RFC 5766 too." };
    private readonly Option<int> _maxAllocations = Number("--max-allocations", "How many allocations there may be.", 1000);
    private readonly Option<int> _perUser = Number("--max-per-user", "How many allocations one user may have.", 100);
    private readonly Option<int> _bandwidth = Number("--max-kbytes-per-second", "How much one allocation may relay; 0 sets no limit.", 0);
    private readonly Option<int> _drain = Number("--drain", "How many seconds Ctrl-C leaves to the allocations that there are; a second Ctrl-C ends them.", 0);
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object a line." };

    public IEnumerable<Option> All =>
    [
        _udp, _tcp, _tls, _alternate, _users, _realm, _restSecret, _relayRange, _relayAddress, _externalAddress, _certificate, _key, _loopback, _private,
        _legacy, _maxAllocations, _perUser, _bandwidth, _drain, _json,
    ];

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">A value cannot be used; the message says which and what is expected.</exception>
    public ServeSettings Read(ParseResult parsed)
    {
        IPEndPoint[] udp = EndPoints(parsed, _udp, 3478);
        IPEndPoint[] tcp = EndPoints(parsed, _tcp, 3478);
        IPEndPoint[] tls = EndPoints(parsed, _tls, 5349);
        if (udp.Length + tcp.Length + tls.Length == 0)
            udp = [new IPEndPoint(IPAddress.Loopback, 3478)];
        (int first, int last) = Range(parsed.GetValue(_relayRange));
        var options = new TurnServerOptions
        {
            UdpEndPoints = udp,
            TcpEndPoints = tcp,
            TlsEndPoints = tls,
            Certificate = tls.Length > 0 ? Certificate(parsed.GetValue(_certificate), parsed.GetValue(_key)) : null,
            AlternateUdpEndPoint = parsed.GetValue(_alternate) is { } alternate ? EndPoint("--alternate", alternate, 3479) : null,
            Realm = parsed.GetValue(_realm)!,
            Users = Users(parsed.GetValue(_users)!),
            RestSecret = parsed.GetValue(_restSecret),
            RelayAddresses = [.. parsed.GetValue(_relayAddress)!.Select(a => Address("--relay-address", a))],
            ExternalAddresses = [.. parsed.GetValue(_externalAddress)!.Select(a => Address("--external-address", a))],
            MinRelayPort = first,
            MaxRelayPort = last,
            Policy = new RelayPolicy
            {
                AllowLoopback = parsed.GetValue(_loopback),
                AllowPrivate = parsed.GetValue(_private),
                AllowLinkLocal = parsed.GetValue(_private),
                AllowLegacyChannels = parsed.GetValue(_legacy),
                MaxAllocations = parsed.GetValue(_maxAllocations),
                MaxAllocationsPerUser = parsed.GetValue(_perUser),
                MaxBytesPerSecond = 1024L * parsed.GetValue(_bandwidth),
            },
        };
        return new ServeSettings(options, TimeSpan.FromSeconds(parsed.GetValue(_drain)), parsed.GetValue(_json));
    }

    private static Option<string[]> Many(string name, string description) => new(name) { Description = description, DefaultValueFactory = _ => [] };

    private static Option<string?> One(string name, string description) => new(name) { Description = description };

    private static Option<int> Number(string name, string description, int value)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => value };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && int.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, out int number) && number < 0)
                result.AddError($"{name} may not be negative.");
        });
        return option;
    }

    private static IPEndPoint[] EndPoints(ParseResult parsed, Option<string[]> option, int port) => [.. parsed.GetValue(option)!.Select(v => EndPoint(option.Name, v, port))];

    private static IPEndPoint EndPoint(string option, string value, int port)
    {
        if (IPAddress.TryParse(value, out IPAddress? address) && !value.StartsWith('['))
            return new IPEndPoint(address, port);
        return IPEndPoint.TryParse(value, out IPEndPoint? endPoint) ? endPoint : throw new FormatException($"{option} {value}: write an address as 192.0.2.1, 192.0.2.1:{port} or [2001:db8::1]:{port}.");
    }

    private static IPAddress Address(string option, string value) =>
        IPAddress.TryParse(value, out IPAddress? address) ? address : throw new FormatException($"{option} {value}: that is no IP address.");

    private static Dictionary<string, string> Users(string[] values)
    {
        var users = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string value in values)
        {
            int colon = value.IndexOf(':', StringComparison.Ordinal);
            // The value itself is not repeated: it may be a password.
            if (colon <= 0 || colon == value.Length - 1)
                throw new FormatException("--user: write a user as name:password.");
            users[value[..colon]] = value[(colon + 1)..];
        }

        return users;
    }

    private static (int First, int Last) Range(string? value)
    {
        if (value is null)
            return (TurnServerDefaults.MinRelayPort, TurnServerDefaults.MaxRelayPort);
        string[] parts = value.Split('-');
        if (parts.Length == 2 && ushort.TryParse(parts[0], CultureInfo.InvariantCulture, out ushort first) && ushort.TryParse(parts[1], CultureInfo.InvariantCulture, out ushort last) && first > 0 && first <= last)
            return (first, last);
        throw new FormatException($"--relay-range {value}: write a range as 49152-65535.");
    }

    private static X509Certificate2 Certificate(FileInfo? certificate, FileInfo? key)
    {
        if (certificate is null)
        {
            using RSA made = RSA.Create(2048);
            var request = new CertificateRequest("CN=localhost", made, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        }

        try
        {
            return X509Certificate2.CreateFromPemFile(certificate.FullName, (key ?? certificate).FullName);
        }
        catch (Exception exception) when (exception is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"--cert {certificate}: {exception.Message}", exception);
        }
    }
}
