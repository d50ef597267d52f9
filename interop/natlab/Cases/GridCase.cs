using System.Collections.Concurrent;
using Ice;
using Ice.Simulation;
using NatLab.Agents;
using NatLab.Network;

namespace NatLab.Cases;

/// <summary>Sites against sites: each pair connects for real, and is compared with what the oracle says of it.</summary>
/// <param name="name">The grid's name.</param>
/// <param name="offering">The sites of the offerers, a row each.</param>
/// <param name="answering">The sites of the answerers, a column each.</param>
internal sealed class GridCase(string name, IReadOnlyList<Site> offering, IReadOnlyList<Site> answering)
{
    // An agent mostly waits: so many pairs at a time that the processors are busy, and no more.
    private static readonly int s_parallel = Environment.ProcessorCount * 4;

    /// <summary>Builds a site under a name.</summary>
    public Func<Site, string, Task<LabSite>> Build { get; init; } = static (site, name) => LabSite.BuildAsync(site, name);

    /// <summary>Makes the answerer.</summary>
    public Func<LabContext, Host, Party> Answerer { get; init; } = static (context, host) => new OwnAgent(host, IceRole.Controlled, context.Coturn.Urls);

    /// <summary>How many pairs connect at a time.</summary>
    public int Parallel { get; init; } = s_parallel;

    /// <summary>Connects all pairs and prints the table.</summary>
    public async Task<string> RunAsync(LabContext context)
    {
        LabSite[] rows = await BuildAsync(offering);
        LabSite[] columns = await BuildAsync(answering);
        try
        {
            var verdicts = new ConcurrentDictionary<(int, int), Verdict>();
            var cells = from row in Enumerable.Range(0, rows.Length) from column in Enumerable.Range(0, columns.Length) select (row, column);
            // Neighbors in the table share a host: taking the cells in steps spreads the load.
            var options = new ParallelOptions { MaxDegreeOfParallelism = Parallel, CancellationToken = context.Cancellation };
            await System.Threading.Tasks.Parallel.ForEachAsync(cells.OrderBy(c => (c.column - c.row + columns.Length) % columns.Length), options, async (cell, _) =>
            {
                Verdict verdict = await ConnectAsync(context, rows[cell.row], columns[cell.column]);
                verdicts[cell] = verdict;
                context.Report.AddCell(name, $"{rows[cell.row].Site} to {columns[cell.column].Site}", verdict);
            });
            context.Report.AddTable(GridTable.Draw(name, rows, columns, verdicts));
            return $"{verdicts.Values.Count(static v => v.Agrees)} of {verdicts.Count} pairs as the oracle says";
        }
        finally
        {
            foreach (LabSite site in rows.Concat(columns))
                site.Dispose();
        }
    }

    private async Task<LabSite[]> BuildAsync(IReadOnlyList<Site> sites)
    {
        var built = new LabSite[sites.Count];
        await System.Threading.Tasks.Parallel.ForAsync(0, sites.Count, async (i, _) => built[i] = await Build(sites[i], Names.Next()));
        return built;
    }

    private Task<Verdict> ConnectAsync(LabContext context, LabSite offering, LabSite answering) => Verdict.SeekAsync(
        Verdict.Ask(offering.Site, answering.Site),
        async () =>
        {
            await using var offerer = new OwnAgent(offering.Host, IceRole.Controlling, context.Coturn.Urls);
            await using Party answerer = Answerer(context, answering.Host);
            return await LabCall.ConnectAsync(offerer, answerer, context.Cancellation);
        },
        context.Cancellation);
}
