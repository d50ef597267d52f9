namespace PeersInterop;

/// <summary>What the user asked for.</summary>
internal sealed record CommandLine
{
    public const string Help = """
        interop/run [PEER ...] [CASE ...] [--ci] [--json]

        Lets `ice peer` talk to agents of other people, each started afresh for each case, in network namespaces of this run's own, and prints a
        table. Without a PEER all of them, without a CASE all of them. Needs Debian and root; installs what is missing.

          --ci        only the cases that CI runs
          --json      a JSON object a line for each cell, and one for the totals, instead of the table
          --trace     every line to and from the peer programs, and every STUN message on the wire, on the error output
          --packages  the Debian packages that it needs
          --list      the peers and the cases, with what each case shows
          --help      this text

        Examples:
          interop/run                        everything
          interop/run pion libnice restart-ours restart-theirs
          interop/run chromium --ci

        Exit code: 0 when no case failed, 1 when one did, 2 when the cases could not run, 130 when the run was stopped.
        """;

    /// <summary>The peers asked for.</summary>
    public required IReadOnlyList<PeerKind> Peers { get; init; }

    /// <summary>The cases asked for.</summary>
    public required IReadOnlyList<InteropCase> Cases { get; init; }

    public bool Json { get; init; }

    /// <summary>Reads the arguments.</summary>
    /// <exception cref="FormatException">One of them is not known; the message says which and what there is.</exception>
    public static CommandLine Parse(IEnumerable<string> arguments, IReadOnlyList<PeerKind> peers, IReadOnlyList<InteropCase> cases)
    {
        var askedPeers = new List<PeerKind>();
        var askedCases = new List<InteropCase>();
        bool ci = false;
        bool json = false;
        foreach (string argument in arguments)
        {
            if (argument == "--ci")
                ci = true;
            else if (argument == "--json")
                json = true;
            else if (argument == "--trace")
                PeerProcess.Trace = true;
            else if (peers.FirstOrDefault(p => p.Name == argument) is { } peer)
                askedPeers.Add(peer);
            else if (cases.FirstOrDefault(c => c.Name == argument) is { } test)
                askedCases.Add(test);
            else
                throw new FormatException($"'{argument}' is neither a peer nor a case nor an option: interop/run --list names the peers and the cases, --help the options");
        }

        IEnumerable<InteropCase> chosen = askedCases.Count > 0 ? askedCases : cases;
        return new CommandLine { Peers = askedPeers.Count > 0 ? askedPeers : peers, Cases = [.. chosen.Where(c => !ci || c.Ci)], Json = json };
    }

    /// <summary>The peers and the cases in text.</summary>
    public static string List(IReadOnlyList<PeerKind> peers, IReadOnlyList<InteropCase> cases)
    {
        int width = cases.Max(c => c.Name.Length);
        string[] lines = ["Peers:", .. peers.Select(p => $"  {p.Name}"), "", "Cases:", .. cases.Select(c => $"  {c.Name.PadRight(width)}  {c.About}{(c.Ci ? " (CI)" : "")}")];
        return string.Join('\n', lines);
    }
}
