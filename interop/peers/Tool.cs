using System.Diagnostics;

namespace PeersInterop;

/// <summary>Runs a program of the system to its end.</summary>
internal static class Tool
{
    /// <summary>Runs a program with a text as its input.</summary>
    /// <exception cref="CaseFailedException">It failed; the message holds what it said.</exception>
    public static async Task<string> RunAsync(string program, string input, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start) ?? throw new CaseFailedException($"{program} does not start");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new CaseFailedException($"{program} {string.Join(' ', arguments)}: {(await errors).Trim()} {(await output).Trim()}");
        return await output;
    }
}
