using System.Diagnostics;
using System.Net;
using Ice;
using Ice.Core;
using IceTool.Agents;
using Spectre.Console;

namespace IceTool.Demo;

/// <summary>The demo for a person: chapters, and a line for each step with its time and who took it.</summary>
internal sealed class ConsoleNarrator(IAnsiConsole console) : IDemoNarrator
{
    private readonly Lock _gate = new();
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly Dictionary<(string Who, int Pair), string> _lastOfPair = [];
    private int _chapter;

    public void Chapter(string title, string explanation)
    {
        lock (_gate)
        {
            console.WriteLine();
            console.MarkupLine($"[bold]{++_chapter}  {Markup.Escape(title)}[/]");
            console.MarkupLine($"   [grey]{Markup.Escape(explanation)}[/]");
        }
    }

    public void ServerStarted(IPEndPoint endPoint) => Line("server", $"listens on {endPoint}");

    public void Agent(string who, int session, EventArgs args)
    {
        string name = session == 0 ? who : $"{who} {session}";
        switch (args)
        {
            case IceCandidateEventArgs e:
                Line(name, $"candidate [green]{AgentNames.Of(e.Candidate.Type),-5}[/] {Markup.Escape(AgentNames.EndPointOf(e.Candidate).PadRight(24))} priority {e.Candidate.Priority}");
                break;
            case IceServerAnsweredEventArgs e:
                Line(name, e.Succeeded
                    ? $"the server answered in {e.Elapsed.TotalMilliseconds:0.0} ms"
                    : $"[red]no answer[/] from {Markup.Escape(e.Url)}: {Markup.Escape(e.Reason ?? "")}");
                break;
            case IceCandidatePairEventArgs e when session == 0:
                Check(name, e.Pair);
                break;
            case IceSelectedPairChangedEventArgs { Pair: { } pair }:
                Line(name, $"[green]selected[/]  {Ends(pair)}{(pair.Nominated ? ", nominated" : ", not yet nominated")}{RoundTrip(pair)}");
                break;
            case IceSelectedPairChangedEventArgs:
                // The state says why.
                break;
            case IceStateChangedEventArgs e:
                Line(name, $"state {State(e.State)}{(e.Explanation is null ? "" : ": " + Markup.Escape(e.Explanation))}");
                break;
            case IceRoleChangedEventArgs e:
                Line(name, $"is {AgentNames.Of(e.Role)} now, after a role conflict");
                break;
            case IceCandidatePairEventArgs:
                break;
            default:
                Line(name, "has all of its candidates");
                break;
        }
    }

    public void Data(string from, string to, string text) => Line(to, $"received from {from}: [green]{Markup.Escape(text)}[/]");

    public void RoundTrips(string who, IReadOnlyList<TimeSpan> times) => Line(
        who, $"{times.Count} datagrams there and back: [green]{times.Min().TotalMilliseconds:0.000}[/] to {times.Max().TotalMilliseconds:0.000} ms");

    public void Finished(string? failure, TimeSpan connectedAfter)
    {
        lock (_gate)
        {
            console.WriteLine();
            console.MarkupLine(failure is null
                ? $"[bold green]It works[/]: connected {connectedAfter.TotalMilliseconds:0.0} ms after the candidates were exchanged."
                : $"[bold red]It does not work[/]: {Markup.Escape(failure)}");
        }
    }

    public void PageServed(Uri url, int wantedPort)
    {
        Chapter("Your browser", "opens a page and connects to an agent by itself");
        if (url.Port != wantedPort && wantedPort != 0)
            Line("page", $"port {wantedPort} is taken, so another one is used");
        Line("page", $"[bold underline]{url}[/]");
        Line("page", "[grey]?role=offerer|answerer and ?trickle=full|none choose how the browser begins; Ctrl-C ends the demo[/]");
    }

    public void Session(int session, string role, string trickle, bool ended) =>
        Line($"page {session}", ended ? "closed" : $"a browser is here: {role}, trickle {trickle}");

    public void BrowserReports(int session, string state, string local, string remote) =>
        Line($"page {session}", $"the browser itself says [green]{Markup.Escape(state)}[/]: {Markup.Escape(local)} -> {Markup.Escape(remote)}");

    private static string Escape(IceCandidate candidate) => Markup.Escape(AgentNames.EndPointOf(candidate));

    private static string Ends(CandidatePairInfo pair) => $"{Escape(pair.Local)} -> {Escape(pair.Remote)}";

    private static string RoundTrip(CandidatePairInfo pair) => pair.RoundTripTime is { } time ? $", rtt {time.TotalMilliseconds:0.00} ms" : "";

    private static string State(IceConnectionState state)
    {
        string color = state switch
        {
            IceConnectionState.Connected => "green",
            IceConnectionState.Failed or IceConnectionState.Disconnected => "red",
            _ => "blue",
        };
        return $"[{color}]{AgentNames.Of(state)}[/]";
    }

    private void Check(string name, CandidatePairInfo pair)
    {
        string color = pair.State switch
        {
            CandidatePairState.Succeeded => "green",
            CandidatePairState.Failed => "red",
            CandidatePairState.InProgress => "blue",
            _ => "grey",
        };
        string why = pair.FailureReason is { } reason && pair.State == CandidatePairState.Failed ? ": " + Markup.Escape(reason) : "";
        string line = $"pair {pair.Id} {Ends(pair)}  [{color}]{AgentNames.Of(pair.State)}[/]{why}{(pair.Nominated ? ", nominated" : "")}{RoundTrip(pair)}";
        lock (_gate)
        {
            // A pair also changes in ways that are not shown here.
            if (_lastOfPair.GetValueOrDefault((name, pair.Id)) == line)
                return;
            _lastOfPair[(name, pair.Id)] = line;
        }

        Line(name, line);
    }

    private void Line(string who, string markup)
    {
        lock (_gate)
            console.MarkupLine($"  [grey]{Stopwatch.GetElapsedTime(_start).TotalMilliseconds,8:0.0} ms[/]  [bold]{Markup.Escape(who),-7}[/] {markup}");
    }
}
