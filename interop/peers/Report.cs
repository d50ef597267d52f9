using System.Text.Json.Nodes;

namespace PeersInterop;

/// <summary>Tells each result as it comes, and in the end the table. Thread-safe.</summary>
internal sealed class Report(CommandLine asked)
{
    private readonly Lock _gate = new();
    private readonly List<Cell> _cells = [];

    public int Failed => Count(Outcome.Failed);

    public int Passed => Count(Outcome.Passed);

    public void Add(Cell cell)
    {
        lock (_gate)
        {
            _cells.Add(cell);
            if (asked.Json)
                Console.WriteLine(ToJson(cell).ToJsonString());
            else if (cell.Outcome != Outcome.Dash)
                Console.WriteLine($"{(cell.Outcome == Outcome.Passed ? "ok  " : "FAIL")} {cell.Peer} {cell.Case}  {cell.Time.TotalSeconds:0.0} s{(cell.Remark.Length > 0 ? $"  {cell.Remark}" : "")}");
        }
    }

    /// <summary>Prints the table, the reasons and the totals.</summary>
    public void Finish()
    {
        int dashes = Count(Outcome.Dash);
        if (asked.Json)
        {
            Console.WriteLine(new JsonObject { ["passed"] = Passed, ["failed"] = Failed, ["dashes"] = dashes }.ToJsonString());
            return;
        }

        Console.WriteLine();
        PrintTable();
        PrintReasons("A dash: what the peer cannot do", Outcome.Dash);
        PrintReasons("Failed", Outcome.Failed);
        Console.WriteLine();
        if (dashes > 0)
            Console.WriteLine($"{dashes} dashes");
        Console.WriteLine($"{Passed} passed, {Failed} failed");
    }

    private static JsonObject ToJson(Cell cell) => new()
    {
        ["peer"] = cell.Peer,
        ["case"] = cell.Case,
        ["result"] = cell.Outcome switch { Outcome.Passed => "ok", Outcome.Failed => "failed", _ => "dash" },
        ["seconds"] = Math.Round(cell.Time.TotalSeconds, 2),
        ["remark"] = cell.Remark,
    };

    private void PrintTable()
    {
        int first = asked.Cases.Max(c => c.Name.Length);
        int[] widths = [.. asked.Peers.Select(p => Math.Max(p.Name.Length, 11))];
        Console.WriteLine(new string(' ', first) + string.Concat(asked.Peers.Select((p, i) => "  " + p.Name.PadRight(widths[i]))));
        foreach (InteropCase test in asked.Cases)
            Console.WriteLine((test.Name.PadRight(first) + string.Concat(asked.Peers.Select((p, i) => "  " + TextOf(p, test).PadRight(widths[i])))).TrimEnd());
    }

    private string TextOf(PeerKind peer, InteropCase test)
    {
        Cell? cell = _cells.FirstOrDefault(c => c.Peer == peer.Name && c.Case == test.Name);
        return cell?.Outcome switch
        {
            Outcome.Passed => $"ok {cell.Time.TotalSeconds:0.0} s",
            Outcome.Failed => "FAIL",
            Outcome.Dash => "-",
            _ => "not run",
        };
    }

    private void PrintReasons(string title, Outcome outcome)
    {
        Cell[] cells = [.. _cells.Where(c => c.Outcome == outcome)];
        if (cells.Length == 0)
            return;
        Console.WriteLine($"\n{title}:");
        foreach (IGrouping<string, Cell> reason in cells.GroupBy(c => outcome == Outcome.Dash ? c.Remark : $"{c.Peer} {c.Case}: {c.Remark}"))
            Console.WriteLine(outcome == Outcome.Dash ? $"  {reason.Key} ({string.Join(", ", reason.Select(c => c.Case).Distinct())})" : $"  {reason.Key}");
    }

    private int Count(Outcome outcome)
    {
        lock (_gate)
            return _cells.Count(c => c.Outcome == outcome);
    }
}
