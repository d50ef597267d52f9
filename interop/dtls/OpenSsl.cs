using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;

namespace DtlsInterop;

/// <summary>One run of Debian's <c>openssl</c>, and what it has printed.</summary>
internal sealed partial class OpenSsl : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _errors = new();
    private readonly Process _process;
    private readonly Task _reading;
    private TaskCompletionSource _news = NewSignal();

    private OpenSsl(Process process)
    {
        _process = process;
        _reading = Task.WhenAll(ReadAsync(process.StandardOutput, _output), ReadAsync(process.StandardError, _errors));
    }

    public string Output
    {
        get
        {
            lock (_gate)
                return _output.ToString();
        }
    }

    public string Errors
    {
        get
        {
            lock (_gate)
                return _errors.ToString();
        }
    }

    /// <summary>A DTLS server that asks for the client's certificate and tells it.</summary>
    public static OpenSsl StartServer(OpenSslCertificate certificate, params string[] extra) =>
        Start(["s_server", "-accept", "127.0.0.1:0", "-Verify", "1", .. Common(certificate), .. extra]);

    /// <summary>A DTLS client that tells the server's certificate.</summary>
    public static OpenSsl StartClient(OpenSslCertificate certificate, IPEndPoint server, params string[] extra) =>
        Start(["s_client", "-connect", server.ToString(), "-noservername", .. Common(certificate), .. extra]);

    public static OpenSsl Start(params string[] arguments)
    {
        // What comes over DTLS is bytes: Latin-1 has a character for each.
        var start = new ProcessStartInfo("openssl", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.Latin1,
        };
        return new OpenSsl(Process.Start(start) ?? throw new InvalidOperationException("openssl does not start."));
    }

    /// <summary>Waits until a server listens.</summary>
    public async Task<IPEndPoint> WaitUntilListeningAsync(CancellationToken cancellationToken) =>
        IPEndPoint.Parse((await WaitForAsync(Accept(), cancellationToken)).Groups[1].Value);

    /// <summary>Waits until it has printed something.</summary>
    public async Task<Match> WaitForAsync(Regex what, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task news;
            lock (_gate)
            {
                if (what.Match(_output.ToString()) is { Success: true } match)
                    return match;
                news = _news.Task;
            }

            if (_reading.IsCompleted)
                throw new InvalidOperationException($"openssl ended before it printed {what}: {Errors.Trim().Split('\n')[0]}");
            await Task.WhenAny(news, _reading).WaitAsync(cancellationToken);
        }
    }

    public async Task WaitForSuccessAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        await _reading;
        if (_process.ExitCode != 0)
            throw new InvalidOperationException($"openssl ended with exit code {_process.ExitCode}: {Errors.Trim()}");
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill();
        await _process.WaitForExitAsync();
        await _reading;
        _process.Dispose();
    }

    // The MTU of the loopback interface is not the path's: without -mtu a flight would be one datagram of several thousand bytes.
    private static string[] Common(OpenSslCertificate certificate) =>
        ["-dtls1_2", "-mtu", "1200", "-timeout", "-cert", certificate.CertificateFile, "-key", certificate.KeyFile];

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task ReadAsync(StreamReader reader, StringBuilder kept)
    {
        char[] buffer = new char[4096];
        while (await reader.ReadAsync(buffer) is int length && length > 0)
        {
            lock (_gate)
            {
                _ = kept.Append(buffer, 0, length);
                _ = _news.TrySetResult();
                _news = NewSignal();
            }
        }
    }

    [GeneratedRegex(@"^ACCEPT (127\.0\.0\.1:\d+)", RegexOptions.Multiline)]
    private static partial Regex Accept();
}
