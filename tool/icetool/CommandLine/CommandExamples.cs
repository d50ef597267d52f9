using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace IceTool.CommandLine;

/// <summary>Adds examples and exit codes to the help of a command.</summary>
internal static class CommandExamples
{
    public static void Attach(Command command, IReadOnlyList<CommandExample> examples, IReadOnlyList<(int Code, string Meaning)> exitCodes)
    {
        HelpOption help = command.Options.OfType<HelpOption>().FirstOrDefault() ?? new HelpOption();
        if (!command.Options.Contains(help))
            command.Options.Add(help);
        help.Action = new HelpWithExamples((HelpAction)help.Action!, examples, exitCodes);
    }

    private sealed class HelpWithExamples(HelpAction help, IReadOnlyList<CommandExample> examples, IReadOnlyList<(int Code, string Meaning)> exitCodes)
        : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            int result = help.Invoke(parseResult);
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (CommandExample example in examples)
                output.WriteLine($"  {example.Line}{Environment.NewLine}      {example.Purpose}");
            if (exitCodes.Count > 0)
                output.WriteLine($"{Environment.NewLine}Exit codes:");
            foreach ((int code, string meaning) in exitCodes)
                output.WriteLine($"  {code,-4} {meaning}");
            return result;
        }
    }
}
