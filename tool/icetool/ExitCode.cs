namespace IceTool;

/// <summary>The exit codes of every command; each command's help lists them.</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>It was tried and did not work: no path, no answer, no candidate.</summary>
    public const int Failed = 1;

    /// <summary>The command line or the configuration cannot be used.</summary>
    public const int Usage = 2;

    /// <summary>Ctrl-C came before the work was done.</summary>
    public const int Interrupted = 130;
}
