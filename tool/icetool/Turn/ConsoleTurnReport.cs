using System.Globalization;
using Spectre.Console;

namespace IceTool.Turn;

/// <summary>The report for a person.</summary>
internal sealed class ConsoleTurnReport(IAnsiConsole console) : ITurnReport
{
    public void Begin(TurnRequest request) => console.MarkupLine($"[bold]Trying {Markup.Escape(request.Server.ToString())}[/]");

    public void Tell(TurnProbeResult result)
    {
        console.MarkupLine(result.Worked
            ? $"[green]✓ {NameOf(result)}[/]  {Markup.Escape(result.Server)}"
            : $"[red]✗ {NameOf(result)}[/]  {Markup.Escape(result.Server)}: {Markup.Escape(result.Reason!)}{(result.Code == 0 ? "" : $" [grey](error {result.Code})[/]")}");
        if (result.Allocated is { } allocated)
        {
            string seen = result.Mapped.IsNone || result.Mapped.ToString() == result.Local?.ToString() ? "" : $", the server sees {result.Mapped}";
            Detail("allocation", $"{result.Relayed} for {result.Lifetime?.TotalSeconds:0} s, in {Milliseconds(allocated)}{seen}");
        }

        if (result.RoundTrips is { } trips)
            Detail("round trip", $"{Milliseconds(trips.Median)} (fastest {Milliseconds(trips.Fastest)}) by way of {result.Peer}{Loss(trips.Lost, trips.Sent)}");
        if (result.PeerNote is not null && result.Worked)
            Detail("", $"not through a second relay: {result.PeerNote}");
        if (result.Throughput is { } throughput)
            Detail("throughput", string.Create(CultureInfo.InvariantCulture, $"{throughput.MegabitsPerSecond:0.0} Mbit/s each way{Loss(throughput.Lost, throughput.Sent)}"));
    }

    public void End(IReadOnlyList<TurnProbeResult> results)
    {
        string[] worked = [.. results.Where(r => r.Worked).Select(NameOf)];
        console.WriteLine();
        console.MarkupLine(worked.Length == 0
            ? "[red]The server relays over none of the transports tried.[/]"
            : worked.Length == results.Count ? $"[green]The server relays over {string.Join(", ", worked)}.[/]"
            : $"[yellow]The server relays over {string.Join(", ", worked)}, not over {string.Join(", ", results.Where(r => !r.Worked).Select(NameOf))}.[/]");
    }

    private void Detail(string name, string text) => console.MarkupLine($"    [grey]{name,-10}[/]  {Markup.Escape(text)}");

    private static string NameOf(TurnProbeResult result) => result.Path switch { TurnPath.Udp => "UDP", TurnPath.Tcp => "TCP", _ => "TLS" };

    private static string Milliseconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalMilliseconds:0.00} ms");

    private static string Loss(int lost, int sent) => lost == 0 ? "" : $", {lost} of {sent} lost";
}
