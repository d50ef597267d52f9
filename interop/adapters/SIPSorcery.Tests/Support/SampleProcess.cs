using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Ice.SIPSorcery.Tests;

/// <summary>One of the sample programs, built along with the tests.</summary>
internal sealed class SampleProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly string _firstLine;

    private SampleProcess(Process process, string firstLine)
    {
        _process = process;
        _firstLine = firstLine;
    }

    public int ExitCode => _process.ExitCode;

    /// <summary>Starts it, and waits for the first line that it writes.</summary>
    public static async Task<SampleProcess> StartAsync(string name, params string[] arguments)
    {
        // artifacts/bin/<tests>/<configuration>/ is where this runs.
        DirectoryInfo here = new(AppContext.BaseDirectory);
        string program = Path.Combine(here.Parent!.Parent!.FullName, name, here.Name, $"{name}.dll");
        ProcessStartInfo start = new("dotnet", [program, .. arguments]) { RedirectStandardOutput = true, RedirectStandardInput = true };
        Process process = Process.Start(start)!;
        string line = await process.StandardOutput.ReadLineAsync().WaitAsync(Connections.Limit) ?? throw new InvalidOperationException($"{name} wrote nothing.");
        return new SampleProcess(process, line);
    }

    public static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>The address that the first line names.</summary>
    public string FindUrl() => _firstLine.Split(' ').Single(static word => word.StartsWith("http://", StringComparison.Ordinal));

    /// <summary>All that it wrote, when it has ended.</summary>
    public async Task<string> WaitForExitAsync()
    {
        StringBuilder output = new(_firstLine);
        output.AppendLine().Append(await _process.StandardOutput.ReadToEndAsync().WaitAsync(Connections.Limit));
        await _process.WaitForExitAsync().WaitAsync(Connections.Limit);
        return output.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
