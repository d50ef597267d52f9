namespace IceTool.CommandLine;

/// <summary>What a command says when its options cannot be.</summary>
internal static class UsageError
{
    /// <summary>Says what is wrong, and where to read what is right.</summary>
    /// <param name="command">The command, as it is written after <c>ice</c>.</param>
    /// <param name="message">What is wrong.</param>
    /// <param name="error">Where it is said.</param>
    /// <returns>The exit code.</returns>
    public static async Task<int> TellAsync(string command, string message, TextWriter error)
    {
        await error.WriteLineAsync($"ice {command}: {message}").ConfigureAwait(false);
        await error.WriteLineAsync($"Try 'ice {command} --help'.").ConfigureAwait(false);
        return ExitCode.Usage;
    }
}
