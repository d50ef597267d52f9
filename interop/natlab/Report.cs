using System.Text.Json.Nodes;
using NatLab.Cases;

namespace NatLab;

/// <summary>Tells each result as it comes, and in the end the tables and the totals. Thread-safe.</summary>
internal sealed class Report(bool json)
{
    private readonly Lock _gate = new();
    private readonly List<string> _tables = [];

    public int Passed { get; private set; }

    public int Failed { get; private set; }

    /// <summary>A case that has ended.</summary>
    public void AddCase(string name, bool passed, TimeSpan time, string remark)
    {
        var line = new JsonObject { ["case"] = name, ["result"] = passed ? "ok" : "failed", ["seconds"] = Math.Round(time.TotalSeconds, 2), ["remark"] = remark };
        Add(passed, line, $"{(passed ? "ok  " : "FAIL")} {name}  {time.TotalSeconds:0.0} s  {remark}");
    }

    /// <summary>A grid that has ended, whose cells have been counted.</summary>
    public void AddGrid(string name, TimeSpan time, string remark)
    {
        lock (_gate)
            Console.WriteLine(json ? new JsonObject { ["grid"] = name, ["seconds"] = Math.Round(time.TotalSeconds, 2), ["remark"] = remark }.ToJsonString() : $"     {name}  {time.TotalSeconds:0.0} s  {remark}");
    }

    /// <summary>A cell of a grid that has ended: only what went wrong is told at once.</summary>
    public void AddCell(string grid, string pair, Verdict verdict)
    {
        var line = new JsonObject
        {
            ["case"] = grid,
            ["pair"] = pair,
            ["result"] = verdict.Agrees ? "ok" : "failed",
            ["oracle"] = verdict.MustBeDirect ? "direct" : "relayed",
            ["seen"] = verdict.Call is not { } call ? "failed" : call.IsRelayed ? "relayed" : "direct",
            ["offerer"] = verdict.Call?.Offerer.ToString(),
            ["answerer"] = verdict.Call?.Answerer.ToString(),
            ["seconds"] = verdict.Call is { } timed ? Math.Round(timed.Time.TotalSeconds, 2) : null,
            ["firstTry"] = verdict.FirstTry,
            ["remark"] = verdict.Complaint,
        };
        Add(verdict.Agrees, line, verdict.Agrees ? null : $"FAIL {grid} {pair}: {verdict.Complaint}");
    }

    /// <summary>A table for the end.</summary>
    public void AddTable(string table)
    {
        lock (_gate)
            _tables.Add(table);
    }

    /// <summary>Prints the tables and the totals.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            if (json)
            {
                Console.WriteLine(new JsonObject { ["passed"] = Passed, ["failed"] = Failed }.ToJsonString());
                return;
            }

            foreach (string table in _tables)
                Console.WriteLine($"\n{table}");
            Console.WriteLine($"{Passed} passed, {Failed} failed");
        }
    }

    private void Add(bool passed, JsonObject line, string? text)
    {
        lock (_gate)
        {
            if (passed)
                Passed++;
            else
                Failed++;
            if (json)
                Console.WriteLine(line.ToJsonString());
            else if (text is not null)
                Console.WriteLine(text);
        }
    }
}
