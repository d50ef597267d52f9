using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Ice.Server;
using Turn;

namespace IceTool.Tests;

[TestFixture]
[CancelAfter(60_000)]
internal sealed class TurnTests
{
    private static readonly IPEndPoint s_any = new(IPAddress.Loopback, 0);

    [Test]
    public async Task A_server_is_tried_over_UDP_TCP_and_TLS(CancellationToken cancellationToken)
    {
        using X509Certificate2 certificate = MakeCertificate();
        using var authority = new TemporaryPem(certificate);
        await using TurnServer server = await StartAsync(certificate, cancellationToken);
        (int exitCode, string output, string errors) = await RunAsync(server, cancellationToken, "--user", "alice", "--password", "secret", "--ca", authority.Path);
        Assert.That(exitCode, Is.Zero, output + errors);
        Assert.That(output, Does.Contain("✓ UDP").And.Contain("✓ TCP").And.Contain("✓ TLS").And.Contain("The server relays over UDP, TCP, TLS."));
        Assert.That(output, Does.Match(@"round trip\s+\d+\.\d+ ms").And.Match(@"throughput\s+\d+\.\d Mbit/s"));
    }

    [Test]
    public async Task The_certificate_is_checked_and_the_report_says_why_it_was_refused(CancellationToken cancellationToken)
    {
        using X509Certificate2 certificate = MakeCertificate();
        await using TurnServer server = await StartAsync(certificate, cancellationToken);
        (int exitCode, string output, _) = await RunAsync(server, cancellationToken, "--user", "alice", "--password", "secret", "--json");
        Assert.That(exitCode, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("signed by an authority that is trusted here").And.Contain("\"worked\":[\"udp\",\"tcp\"],\"failed\":[\"tls\"]"));
    }

    [Test]
    public async Task A_credential_is_made_from_the_shared_secret(CancellationToken cancellationToken)
    {
        await using TurnServer server = await StartAsync(null, cancellationToken);
        (int exitCode, string output, string errors) = await ToolProcess.RunAsync(
            cancellationToken, "turn", "--server", $"turn:{server.UdpEndPoints[0]}?transport=udp", "--rest-secret", "s3cret", "--seconds", "0", "--json");
        Assert.That(exitCode, Is.Zero, output + errors);
        Assert.That(output, Does.Contain("\"peer\":\"a second relay\"").And.Not.Contain("mbps"));
    }

    [Test]
    public async Task Wrong_credentials_are_said_to_be_wrong(CancellationToken cancellationToken)
    {
        await using TurnServer server = await StartAsync(null, cancellationToken);
        (int exitCode, string output, _) = await ToolProcess.RunAsync(
            cancellationToken, "turn", "-s", $"turn:{server.TcpEndPoints[0]}?transport=tcp", "-u", "alice", "-p", "wrong", "--json");
        Assert.That(exitCode, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("does not take the credentials").And.Contain("\"code\":401"));
    }

    [Test]
    public async Task A_server_that_allocates_but_relays_to_nobody_has_failed(CancellationToken cancellationToken)
    {
        await using TurnServer server = await StartAsync(null, cancellationToken, relays: false);
        (int exitCode, string output, _) = await ToolProcess.RunAsync(
            cancellationToken, "turn", "-s", $"turn:{server.UdpEndPoints[0]}?transport=udp", "-u", "alice", "-p", "secret", "--json");
        Assert.That(exitCode, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("\"relayed\":\"127.0.0.1:").And.Contain("Not through two relays").And.Contain("403"));
    }

    [Test]
    public async Task A_server_that_does_not_answer_is_told_from_one_that_is_not_there(CancellationToken cancellationToken)
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(s_any);
        (int exitCode, string output, _) = await ToolProcess.RunAsync(cancellationToken, "turn", "-s", $"turn:{silent.LocalEndPoint}", "--tls-port", "1", "-t", "1", "--json");
        Assert.That(exitCode, Is.EqualTo(1), output);
        Assert.That(output, Does.Contain("No answer from").And.Contain("UDP is blocked on the way").And.Contain("Nothing listens at 127.0.0.1:1 over TLS"));
    }

    [TestCase("turn:HOST", "--server", "stun:192.0.2.1")]
    [TestCase("turns:HOST", "--server", "turns:192.0.2.1?transport=udp")]
    [TestCase("belong together", "--server", "turn:192.0.2.1", "--user", "alice")]
    [TestCase("not both", "--server", "turn:192.0.2.1", "--user", "alice", "--password", "x", "--rest-secret", "y")]
    [TestCase("ipv4 or ipv6", "--server", "turn:192.0.2.1", "--relay", "both")]
    [TestCase("--ca", "--server", "turn:192.0.2.1", "--ca", "no-such-file.pem")]
    [TestCase("--server", "--user", "alice")]
    public async Task A_wrong_command_line_is_refused_with_what_is_expected(string hint, params string[] arguments)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        (int exitCode, string output, string errors) = await ToolProcess.RunAsync(patience.Token, ["turn", .. arguments]);
        Assert.That(exitCode, Is.EqualTo(2), output);
        Assert.That(errors, Does.Contain(hint).And.Contain("ice turn --help"));
    }

    private static Task<(int ExitCode, string Output, string Errors)> RunAsync(TurnServer server, CancellationToken cancellationToken, params string[] arguments) =>
        ToolProcess.RunAsync(
            cancellationToken,
            ["turn", "--server", $"turn:{server.UdpEndPoints[0]}", "--tls-port", $"{server.TlsEndPoints[0].Port}", "--seconds", "0.1", .. arguments]);

    // UDP and TCP on one port, as the URI has it.
    private static async Task<TurnServer> StartAsync(X509Certificate2? certificate, CancellationToken cancellationToken, bool relays = true)
    {
        for (int attempt = 0; ; attempt++)
        {
            var address = new IPEndPoint(IPAddress.Loopback, FreePort());
            var server = new TurnServer(new TurnServerOptions
            {
                UdpEndPoints = [address],
                TcpEndPoints = [address],
                TlsEndPoints = certificate is null ? [] : [s_any],
                Certificate = certificate,
                Users = new Dictionary<string, string> { ["alice"] = "secret" },
                RestSecret = "s3cret",
                Policy = new RelayPolicy { AllowLoopback = relays },
            });
            try
            {
                await server.StartAsync(cancellationToken);
                return server;
            }
            catch (IOException) when (attempt < 5)
            {
                await server.DisposeAsync();
            }
        }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(s_any);
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    internal static X509Certificate2 MakeCertificate()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=turn.test", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    internal sealed class TemporaryPem : IDisposable
    {
        public TemporaryPem(X509Certificate2 certificate) => File.WriteAllText(Path, certificate.ExportCertificatePem());

        public string Path { get; } = System.IO.Path.GetTempFileName();

        public void Dispose() => File.Delete(Path);
    }
}
