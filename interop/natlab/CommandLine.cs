using NatLab.Cases;
using PeersInterop;

namespace NatLab;

/// <summary>What the user asked for.</summary>
internal sealed record CommandLine
{
    public const string Help = """
        interop/natlab/run [CASE ...] [--grid] [--ci] [--json] [--pair NAT NAT]

        Puts agents behind real NATs, in network namespaces of this run's own, and compares what they come to with what the simulator's oracle says
        of the same NATs. Without a CASE all of them. Needs Debian and root; installs what is missing.

          --grid    only the grids
          --pair    our agents behind two NATs of the kernel's, such as EIM/APDF and APDM/EIF
          --ci      only the cases that CI runs
          --json    a JSON object a line for each result, and one for the totals, instead of text
          --trace   every line that goes to a program or comes from one, on the error output
          --list    the cases, with what each shows
          --help    this text

        Examples:
          interop/natlab/run                 everything
          interop/natlab/run grid            our agents behind nine kinds of NAT against nine, translated by the kernel
          interop/natlab/run cgn no-udp

        Exit code: 0 when no case failed, 1 when one did, 2 when the cases could not run, 130 when the run was stopped.
        """;

    /// <summary>The cases asked for.</summary>
    public required IReadOnlyList<LabCase> Cases { get; init; }

    public bool Json { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="FormatException">One of them is not known; the message says which and what there is.</exception>
    public static CommandLine Parse(IEnumerable<string> arguments, IReadOnlyList<LabCase> cases)
    {
        var asked = new List<LabCase>();
        bool grid = false;
        bool ci = false;
        bool json = false;
        var rest = new Queue<string>(arguments);
        while (rest.TryDequeue(out string? argument))
        {
            if (argument == "--pair" && rest.TryDequeue(out string? offering) && rest.TryDequeue(out string? answering))
                asked.Add(Grids.Pair(offering, answering));
            else if (argument == "--grid")
                grid = true;
            else if (argument == "--ci")
                ci = true;
            else if (argument == "--json")
                json = true;
            else if (argument == "--trace")
                PeerProcess.Trace = true;
            else if (cases.FirstOrDefault(c => c.Name == argument) is { } found)
                asked.Add(found);
            else
                throw new FormatException($"'{argument}' is neither a case nor an option: interop/natlab/run --list names the cases, --help the options");
        }

        IEnumerable<LabCase> chosen = asked.Count > 0 ? asked : cases;
        return new CommandLine { Cases = [.. chosen.Where(c => (!grid || c.Grid) && (!ci || c.Ci))], Json = json };
    }

    /// <summary>The cases in text.</summary>
    public static string List(IReadOnlyList<LabCase> cases)
    {
        int width = cases.Max(static c => c.Name.Length);
        return string.Join('\n', cases.Select(c => $"{c.Name.PadRight(width)}  {c.About}{(c.Ci ? " (CI)" : "")}"));
    }
}
