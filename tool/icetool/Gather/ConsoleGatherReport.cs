using Ice;
using IceTool.Agents;
using Spectre.Console;

namespace IceTool.Gather;

/// <summary>The report for a person.</summary>
internal sealed class ConsoleGatherReport(IAnsiConsole console) : GatherReport
{
    public override void Begin() => console.MarkupLine("[bold]Gathering candidates[/]");

    protected override void Tell(GatheredCandidate gathered) => console.MarkupLine(
        $"  [grey]{gathered.Age.TotalMilliseconds,8:0.0} ms[/]  [green]{AgentNames.Of(gathered.Candidate.Type),-6}[/] {Markup.Escape(AgentNames.EndPointOf(gathered.Candidate))}");

    protected override void Tell(IceServerAnsweredEventArgs answer)
    {
        string from = answer.Local is null ? "" : $" asked from {answer.Local}";
        string what = answer.Succeeded ? $"[green]answered[/] in {answer.Elapsed.TotalMilliseconds:0.0} ms" : $"[red]no answer[/]: {Markup.Escape(answer.Reason ?? "no reason is known")}";
        console.MarkupLine($"  [grey]{Elapsed.TotalMilliseconds,8:0.0} ms[/]  [blue]server[/] {Markup.Escape(answer.Url)}{Markup.Escape(from)} {what}");
    }

    protected override void Tell(IReadOnlyList<ServerSummary> servers, bool good)
    {
        console.WriteLine();
        if (Candidates.Count == 0)
            console.MarkupLine("[red]There is no candidate[/]: no interface has an address that can be used. Is the network up? [grey]--loopback[/] takes loopback addresses.");
        else
            console.Write(CandidateTable());
        foreach (ServerSummary server in servers)
        {
            console.MarkupLine(server.Answered
                ? $"[green]✓[/] {Markup.Escape(server.Url)} answered, fastest in {server.Fastest!.Value.TotalMilliseconds:0.0} ms"
                : $"[red]✗[/] {Markup.Escape(server.Url)} gave no answer: {Markup.Escape(server.Reason!)}");
        }
    }

    private Table CandidateTable()
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("Age", "Type", "Transport", "Address", "Related", "Priority", "Foundation");
        table.Columns[0].RightAligned();
        table.Columns[5].RightAligned();
        foreach (GatheredCandidate gathered in Candidates.OrderByDescending(c => c.Candidate.Priority))
        {
            IceCandidate candidate = gathered.Candidate;
            _ = table.AddRow(
                $"{gathered.Age.TotalMilliseconds:0.0} ms",
                AgentNames.Of(candidate.Type),
                Markup.Escape(candidate.TransportToken),
                Markup.Escape(AgentNames.EndPointOf(candidate)),
                candidate.RelatedAddress.IsNone ? "" : Markup.Escape(candidate.RelatedAddress.ToString()),
                candidate.Priority.ToString(),
                Markup.Escape(candidate.Foundation));
        }

        return table;
    }
}
