using System.Diagnostics;

namespace Bench;

/// <summary>Builds the peers' programs, with Debian's packages alone: nothing is downloaded.</summary>
internal static class PeerBuilder
{
    private static readonly string s_sources = Path.Combine(AppContext.BaseDirectory, "peers");
    private static readonly string s_programs = Path.Combine(AppContext.BaseDirectory, "peer-programs");

    /// <summary>Builds a program, unless that has happened since its source changed.</summary>
    /// <returns>The command that runs it.</returns>
    /// <exception cref="BenchException">A package is missing, or the build failed.</exception>
    public static async Task<IReadOnlyList<string>> BuildAsync(PeerSource source)
    {
        await RequirePackagesAsync(source);
        string path = Path.Combine(s_sources, source.Path);
        // Not the python3 of the path: Debian's modules belong to Debian's own.
        if (source.Language == PeerLanguage.Python)
            return ["/usr/bin/python3", path];
        string program = Path.Combine(s_programs, source.Path.Replace('/', '-') + ".bin");
        if (File.Exists(program) && File.GetLastWriteTimeUtc(program) > File.GetLastWriteTimeUtc(path))
            return [program];
        _ = Directory.CreateDirectory(s_programs);
        if (source.Language == PeerLanguage.Go)
        {
            Dictionary<string, string> environment = new()
            {
                ["GO111MODULE"] = "off",
                ["GOPATH"] = "/usr/share/gocode",
                ["GOCACHE"] = Path.Combine(s_programs, "go-cache"),
                ["GOFLAGS"] = "",
            };
            _ = await RunAsync(source, ["go", "build", "-o", program, Path.GetFileName(path)], Path.GetDirectoryName(path)!, environment);
        }
        else
        {
            string flags = source.Libraries.Count == 0 ? "" : await RunAsync(source, ["pkg-config", "--cflags", "--libs", .. source.Libraries], AppContext.BaseDirectory, []);
            string[] words = flags.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            _ = await RunAsync(source, ["gcc", "-O2", "-Wall", "-o", program, path, .. words], AppContext.BaseDirectory, []);
        }

        return [program];
    }

    private static async Task RequirePackagesAsync(PeerSource source)
    {
        if (!File.Exists("/usr/bin/dpkg-query"))
            throw new BenchException($"{source.Peer}'s program is built from Debian's packages ({string.Join(' ', source.Packages)}): run this on Debian.");
        List<string> missing = [];
        foreach (string package in source.Packages)
        {
            (int code, string output, _) = await StartAsync(["dpkg-query", "-W", "-f", "${db:Status-Status}", package], AppContext.BaseDirectory, []);
            if (code != 0 || output != "installed")
                missing.Add(package);
        }

        if (missing.Count > 0)
            throw new BenchException($"{source.Peer}'s program needs Debian's {string.Join(", ", missing)}: apt-get install {string.Join(' ', missing)}");
    }

    private static async Task<string> RunAsync(PeerSource source, string[] command, string directory, Dictionary<string, string> environment)
    {
        (int code, string output, string errors) = await StartAsync(command, directory, environment);
        return code == 0 ? output : throw new BenchException($"The build of {source.Peer}'s program failed: {string.Join(' ', command)}: {errors.Trim()}");
    }

    private static async Task<(int Code, string Output, string Errors)> StartAsync(string[] command, string directory, Dictionary<string, string> environment)
    {
        ProcessStartInfo start = new(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = directory };
        foreach ((string name, string value) in environment)
            start.Environment[name] = value;
        using Process process = Process.Start(start) ?? throw new BenchException($"{command[0]} does not start.");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output, await errors);
    }
}
