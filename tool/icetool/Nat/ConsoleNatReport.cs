using System.Diagnostics;
using Ice;
using Spectre.Console;
using Stun;

namespace IceTool.Nat;

/// <summary>The findings for a person.</summary>
internal sealed class ConsoleNatReport(IAnsiConsole console) : INatReport
{
    private readonly Lock _gate = new();
    private readonly long _start = Stopwatch.GetTimestamp();

    public void Begin(NatDiscoveryOptions options)
    {
        console.MarkupLine($"[bold]Probing the NAT[/] with {Markup.Escape(string.Join(", ", options.Servers))}");
        if (options.LifetimeBudget is { } budget)
            console.MarkupLine($"  [grey]The lifetime of mappings takes up to {NatWords.Seconds(budget)} s.[/]");
    }

    public void Report(NatDiscoveryProgress value)
    {
        string what = value.SoFar is { } found ? Short(value.Step, found) : value.Step is NatProbeStep.Filtering or NatProbeStep.Lifetime ? "[grey]waiting for what may not come ...[/]" : "[grey]...[/]";
        lock (_gate)
            console.MarkupLine($"  [grey]{Stopwatch.GetElapsedTime(_start).TotalSeconds,6:0.0} s[/]  {Markup.Escape(value.Address.ToString())}  [blue]{NatWords.Of(value.Step),-11}[/] {what}");
    }

    public void End(NatDiscoveryResult result)
    {
        foreach (NatInterfaceBehavior entry in result.Interfaces)
        {
            console.WriteLine();
            if (entry.Behavior.UdpBlocked && !result.UdpBlocked)
                console.MarkupLine($"[bold]{NameOf(entry)}[/]: [grey]no server answered here; from another address one did.[/]");
            else
                Tell(entry, result.ReachedOverTcp);
        }

        console.WriteLine();
        if (result.Interfaces.Count == 0)
            console.MarkupLine("[red]No local address can be probed from.[/] Is the network up? [grey]--loopback[/] takes loopback addresses.");
        console.MarkupLine($"IPv6: {(result.IPv6.Value == true ? "[green]works[/]" : result.IPv6.Value == false ? "no" : "unknown")}{(result.IPv6.Reason is { } reason ? $". {Markup.Escape(reason)}" : "")}");
        foreach (string problem in result.Problems)
            console.MarkupLine($"[yellow]{Markup.Escape(problem)}[/]");
    }

    private void Tell(NatInterfaceBehavior entry, bool? reachedOverTcp)
    {
        NatBehavior found = entry.Behavior;
        string color = found.UdpBlocked || !found.Translated.IsKnown ? "red" : found.Mapping.Value is null or NatMappingBehavior.EndpointIndependent ? "green" : "yellow";
        console.MarkupLine($"[bold]{NameOf(entry)}[/]: [{color}]{Markup.Escape(NatVerdict.Kind(found, reachedOverTcp))}[/]");
        if (found.Translated.IsKnown)
        {
            foreach ((string name, string value) in Rows(found))
                console.MarkupLine($"  {name,-18} {value}");
            console.WriteLine();
        }

        if (found.UdpBlocked || found.Translated.IsKnown)
            console.MarkupLine(Markup.Escape(NatVerdict.Reach(found)));
        if (!found.UdpBlocked && found.Mapping.IsKnown)
            console.Write(PeerTable(found));
        foreach (string advice in found.UdpBlocked || found.Translated.IsKnown ? NatVerdict.Advice(found) : [])
            console.MarkupLine($"  [blue]>[/] {Markup.Escape(advice)}");
        foreach (NatServerAnswer server in found.Servers.Where(static s => s.Problem is not null))
            console.MarkupLine($"  [grey]{Markup.Escape(server.Problem!)}[/]");
    }

    private static string NameOf(NatInterfaceBehavior entry) => Markup.Escape($"{entry.InterfaceName} {entry.Address}".Trim());

    private static IEnumerable<(string Name, string Value)> Rows(NatBehavior found)
    {
        yield return ("mapping", Line(found.Mapping, static m => NatWords.Of(m) ?? "depends on the destination"));
        yield return ("filtering", Line(found.Filtering, static f => NatWords.Of(f)!));
        yield return ("hairpinning", Line(found.Hairpinning, static h => h switch
        {
            NatHairpinning.None => "no",
            NatHairpinning.ExternalSource => "yes, with an external source address",
            NatHairpinning.InternalSource => "yes, with the internal source address",
            _ => "yes, with another source address",
        }));
        yield return ("port preservation", Line(found.PortPreservation, static p => p ? "yes" : "no"));
        yield return ("new ports", Line(found.Allocation, static a => a.Pattern == NatPortPattern.Sequential ? $"sequential, step {a.Step}" : NatWords.Of(a.Pattern)!));
        yield return ("lifetime", Line(found.Lifetime, static l =>
            l.LessThan is { } end ? $"{NatWords.Seconds(l.AtLeast)} to {NatWords.Seconds(end)} s without traffic" : $"at least {NatWords.Seconds(l.AtLeast)} s without traffic"));
        yield return ("fragments", Line(found.Fragments, static f => f ? "pass" : "do not pass"));
    }

    private static string Line<T>(NatFinding<T> finding, Func<T, string> words)
        where T : struct =>
        finding.Value is { } value
            ? $"[bold]{Markup.Escape(words(value))}[/]{(finding.Reason is null ? "" : $" [grey]{Markup.Escape(finding.Reason)}[/]")}"
            : $"[grey]unknown: {Markup.Escape(finding.Reason ?? "no reason is known")}[/]";

    private static string Short(NatProbeStep step, NatBehavior found) => step switch
    {
        NatProbeStep.Servers => found.Servers.Any(static s => s.Answered) ? $"[green]{found.Servers.Count(static s => s.Answered)} of {found.Servers.Count} answered[/]" : "[red]no answer[/]",
        NatProbeStep.Mapping => Line(found.Mapping, static m => NatWords.Of(m) ?? "depends on the destination"),
        NatProbeStep.Allocation => Line(found.Allocation, static a => NatWords.Of(a.Pattern)!),
        NatProbeStep.Filtering => Line(found.Filtering, static f => NatWords.Of(f)!),
        NatProbeStep.Hairpinning => Line(found.Hairpinning, static h => h == NatHairpinning.None ? "no" : "yes"),
        NatProbeStep.Fragments => Line(found.Fragments, static f => f ? "pass" : "do not pass"),
        _ => Line(found.Lifetime, static l => $"at least {NatWords.Seconds(l.AtLeast)} s"),
    };

    private static Table PeerTable(NatBehavior found)
    {
        Table table = new Table().Border(TableBorder.Simple).AddColumns("The peer's NAT maps ...", "and filters: nobody", "by address", "by address and port");
        foreach (IGrouping<NatMappingBehavior, NatPassage> row in NatVerdict.Peers().GroupBy(static p => p.Mapping))
            _ = table.AddRow([NatWords.Of(row.Key)!, .. row.Select(p => NatVerdict.IsDirect(found, p.Mapping, p.Filtering) == true ? "[green]direct[/]" : "[yellow]relay[/]")]);
        return table;
    }
}
