using Spectre.Console;

namespace IceTool.CommandLine;

/// <summary>The console as Spectre draws on it: in color on a terminal (unless NO_COLOR is set), as plain text elsewhere.</summary>
internal static class Terminal
{
    // A file or a pipe has no edge to break lines at.
    private const int WidthOfFile = 500;

    public static IAnsiConsole Create(TextWriter output, bool redirected)
    {
        IAnsiConsole console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output),
            Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect,
            ColorSystem = redirected || Environment.GetEnvironmentVariable("NO_COLOR") is { Length: > 0 } ? ColorSystemSupport.NoColors : ColorSystemSupport.Detect,
            Interactive = InteractionSupport.No,
        });
        if (redirected)
            console.Profile.Width = WidthOfFile;
        return console;
    }
}
