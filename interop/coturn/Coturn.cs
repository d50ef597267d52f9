using System.Diagnostics;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using IceTool.Turn;
using Stun;
using Turn;

namespace CoturnInterop;

/// <summary>One coturn on this machine's loopback addresses, with files and ports of its own.</summary>
internal sealed class Coturn : IAsyncDisposable
{
    public const int Users = 100;

    private const string Secret = "s3cret";
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(15);

    private readonly Lock _gate = new();
    private readonly List<string> _log = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Process _process;
    private readonly bool _rest;
    private readonly DatagramSink? _sink;

    /// <param name="name">For its files.</param>
    /// <param name="folder">Where its files go.</param>
    /// <param name="certificates">For TLS.</param>
    /// <param name="rest">Whether its credentials are made from a shared secret.</param>
    /// <param name="swallowUdp">Whether clients reach it over TCP and TLS only, and get no answer over UDP, not even that nothing is there.</param>
    /// <param name="extra">Further options.</param>
    public Coturn(string name, string folder, TestCertificates certificates, bool rest, bool swallowUdp, params string[] extra)
    {
        _rest = rest;
        Port = FreePorts.Next();
        _sink = swallowUdp ? new DatagramSink(Port) : null;
        string[] users = rest
            ? ["--use-auth-secret", $"--static-auth-secret={Secret}"]
            : [.. Enumerable.Range(0, Users).SelectMany(i => (string[])["-u", $"case{i}:password{i}"])];
        string[] arguments =
        [
            // Neither a configuration nor a database, log or pid file of the machine's.
            "-n", "--no-cli", "--log-file=stdout", "--simple-log", $"--pidfile={Path.Combine(folder, name + ".pid")}", $"--userdb={Path.Combine(folder, name + ".db")}",
            "-L", "127.0.0.1", "-L", "::1", "-p", $"{Port}", "--tls-listening-port", $"{FreePorts.Next()}", "--no-dtls",
            $"--cert={certificates.CertificateFile}", $"--pkey={certificates.KeyFile}",
            "-a", "-r", "interop.test", "--allow-loopback-peers", "-m", "1", "-v", .. users, .. swallowUdp ? ["--no-udp"] : Array.Empty<string>(), .. extra,
        ];
        _process = Process.Start(new ProcessStartInfo("turnserver", arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        _process.OutputDataReceived += (_, e) => Keep(e.Data);
        _process.ErrorDataReceived += (_, e) => Keep(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>The port for UDP, TCP and TLS: coturn tells them apart by the first bytes.</summary>
    public int Port { get; }

    /// <summary>How many datagrams were swallowed.</summary>
    public int Swallowed => _sink?.Count ?? 0;

    /// <summary>Waits until it listens.</summary>
    /// <exception cref="CaseFailedException">It does not; the message holds what it logged.</exception>
    public async Task WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_startLimit);
        try
        {
            await Task.WhenAny(_ready.Task, _process.WaitForExitAsync(limit.Token)).WaitAsync(limit.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Said below.
        }

        if (!_ready.Task.IsCompleted)
            throw new CaseFailedException($"it was not ready within {s_startLimit.TotalSeconds:0} s:\n{string.Join('\n', LogOf("").TakeLast(20))}");
    }

    /// <summary>What was logged with a text, such as a user.</summary>
    public IReadOnlyList<string> LogOf(string text)
    {
        lock (_gate)
            return [.. _log.Where(l => IsAbout(l, text))];
    }

    /// <summary>A credential for a user, such as case7.</summary>
    public LongTermCredential CredentialOf(string user) => _rest
        ? RestCredential.Create(Encoding.UTF8.GetBytes(Secret), DateTimeOffset.UtcNow.AddHours(1), user).ToLongTermCredential()
        : new LongTermCredential(user, PasswordOf(user));

    /// <summary>The username and the password for a user, in text.</summary>
    public (string Username, string Password) TextCredentialOf(string user)
    {
        if (!_rest)
            return (user, PasswordOf(user));
        RestCredential credential = RestCredential.Create(Encoding.UTF8.GetBytes(Secret), DateTimeOffset.UtcNow.AddHours(1), user);
        return (credential.Username, credential.Password);
    }

    public TurnEndpoint At(IPAddress address, TurnPath path, X509Certificate2Collection authorities) =>
        new(new IPEndPoint(address, Port), path, address.ToString(), authorities);

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        if (_sink is not null)
            await _sink.DisposeAsync();
    }

    private static string PasswordOf(string user) => user.Replace("case", "password", StringComparison.Ordinal);

    // A user of a shared secret has a time before the name.
    private static bool IsAbout(string line, string user) =>
        user.Length == 0 || line.Contains($"<{user}>", StringComparison.Ordinal) || line.Contains($":{user}>", StringComparison.Ordinal);

    private void Keep(string? line)
    {
        if (line is null)
            return;
        lock (_gate)
            _log.Add(line);
        // The last line of its start.
        if (line.Contains("SQLite DB connection success", StringComparison.Ordinal))
            _ = _ready.TrySetResult();
    }
}
