using System.Net;
using System.Net.Sockets;
using CoturnInterop;
using Ice.Net;

namespace Ice.BouncyCastle.Tests;

/// <summary>A coturn on loopback, which speaks DTLS at the port of UDP.</summary>
internal sealed class Coturn : IAsyncDisposable
{
    public const string Host = "localhost";

    private readonly TemporaryFolder _folder;

    private Coturn(TemporaryFolder folder, int port, ServerProcess process)
    {
        _folder = folder;
        Port = port;
        Process = process;
    }

    public int Port { get; }

    public ServerProcess Process { get; }

    public static async Task<Coturn> StartAsync(params string[] extra)
    {
        TemporaryFolder folder = new();
        int port = FreePorts.Next();
        string[] arguments =
        [
            "-n", "--no-cli", "--log-file=stdout", "--simple-log", $"--pidfile={Path.Combine(folder.Path, "pid")}", $"--userdb={Path.Combine(folder.Path, "db")}",
            "-L", "127.0.0.1", "-p", $"{port}", "--tls-listening-port", $"{FreePorts.Next()}",
            $"--cert={folder.Certificates.CertificateFile}", $"--pkey={folder.Certificates.KeyFile}",
            "-a", "-r", "interop.test", "-u", "alice:secret", "--allow-loopback-peers", "-m", "1", "-v", .. extra,
        ];
        try
        {
            return new Coturn(folder, port, await ServerProcess.StartAsync("turnserver", "coturn", "SQLite DB connection success", arguments));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>The server over DTLS.</summary>
    public IceServer OverDtls(string host = Host) => new($"turns:{host}:{Port}?transport=udp", "alice", "secret") { TrustedRoots = _folder.Certificates.Trusted };

    /// <summary>The same, with another's authority for trust.</summary>
    public IceServer Mistrusted() => OverDtls() with { TrustedRoots = _folder.Certificates.Strangers };

    /// <summary>An agent that may use nothing but relayed candidates.</summary>
    public static IceAgentOptions RelayOnly(IceAgentOptions options, IceServer server) => options with
    {
        Policy = IceTransportPolicy.Relay,
        Servers = [server],
        DatagramSecurity = new BouncyCastleDatagramSecurity(),
        NameResolver = new LoopbackResolver(),
    };

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _folder.Dispose();
    }

    private sealed class LoopbackResolver : INameResolver
    {
        public Task<IReadOnlyList<IPAddress>> ResolveAsync(string name, CancellationToken cancellationToken) => name is Host or "other.example.org"
            ? Task.FromResult<IReadOnlyList<IPAddress>>([IPAddress.Loopback])
            : throw new SocketException((int)SocketError.HostNotFound);
    }
}
