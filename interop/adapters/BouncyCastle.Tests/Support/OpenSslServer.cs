using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using CoturnInterop;
using Ice.Net;

namespace Ice.BouncyCastle.Tests;

/// <summary>OpenSSL's own DTLS server on loopback; one client.</summary>
internal sealed class OpenSslServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly int _port;

    private OpenSslServer(TemporaryFolder folder, int port, ServerProcess process)
    {
        _folder = folder;
        _port = port;
        Process = process;
    }

    public ServerProcess Process { get; }

    public static async Task<OpenSslServer> StartAsync(params string[] extra)
    {
        TemporaryFolder folder = new();
        int port = FreePorts.Next();
        string[] arguments =
        [
            "s_server", "-dtls1_2", "-accept", $"127.0.0.1:{port}", "-cert", folder.Certificates.CertificateFile, "-key", folder.Certificates.KeyFile,
            "-alpn", "stun.turn", .. extra,
        ];
        try
        {
            return new OpenSslServer(folder, port, await ServerProcess.StartAsync("openssl", "openssl", "ACCEPT", arguments));
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>A socket to it.</summary>
    public UdpPipe Pipe() => UdpPipe.Connect(IPAddress.Loopback, new IPEndPoint(IPAddress.Loopback, _port));

    /// <summary>What an agent asks of DTLS.</summary>
    public SslClientAuthenticationOptions Options(string host = "localhost", bool stranger = false) => new()
    {
        TargetHost = host,
        ApplicationProtocols = [new SslApplicationProtocol("stun.turn")],
        CertificateChainPolicy = Trust(stranger ? _folder.Certificates.Strangers : _folder.Certificates.Trusted),
    };

    public async ValueTask DisposeAsync()
    {
        await Process.DisposeAsync();
        _folder.Dispose();
    }

    private static X509ChainPolicy Trust(X509Certificate2Collection roots)
    {
        X509ChainPolicy policy = new() { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(roots);
        return policy;
    }
}
