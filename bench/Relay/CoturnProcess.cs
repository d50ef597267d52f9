using System.ComponentModel;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Bench;

/// <summary>Debian's coturn on a port of 127.0.0.1, without files or settings of the machine's.</summary>
internal sealed class CoturnProcess : IDisposable
{
    public const string User = "user";
    public const string Password = "secret";

    private readonly string _folder = Directory.CreateTempSubdirectory("bench-coturn").FullName;
    private readonly Process _process;

    public CoturnProcess()
    {
        EndPoint = new IPEndPoint(IPAddress.Loopback, FreePort());
        string[] arguments =
        [
            "-n", "--no-cli", "--log-file=stdout", "--simple-log", $"--pidfile={Path.Combine(_folder, "pid")}", $"--userdb={Path.Combine(_folder, "db")}",
            "-L", $"{EndPoint.Address}", "-p", $"{EndPoint.Port}", "--no-tls", "--no-dtls", "-a", "-r", "bench.test", "-u", $"{User}:{Password}",
            "--allow-loopback-peers", "-m", "2",
        ];
        try
        {
            _process = Process.Start(new ProcessStartInfo("turnserver", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        }
        catch (Win32Exception)
        {
            throw new BenchException("There is no turnserver: install Debian's package coturn.");
        }

        _process.OutputDataReceived += static (_, _) => { };
        _process.ErrorDataReceived += static (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Where it listens, soon.</summary>
    public IPEndPoint EndPoint { get; }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
