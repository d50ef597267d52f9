using System.Net;
using Ice;
using Ice.Core;
using IceTool.Agents;
using Spectre.Console;

namespace IceTool.Bridge;

/// <summary>The report for a person: the line to copy goes to the output, alone; everything else beside it.</summary>
internal sealed class ConsoleBridgeReport(TextWriter output, IAnsiConsole console) : IBridgeReport
{
    private readonly Lock _gate = new();

    public void Open(IPEndPoint local, IPEndPoint? application) => Say(
        $"[bold]Bridge[/] at [green]{local}[/]: the application sends to it" + (application is null ? ", and gets its answers where it sent from" : $", and receives at [green]{application}[/]"));

    public void Line(bool offer, string line)
    {
        Say(offer ? "The offer, for the other side:" : "The answer, for the other side:");
        lock (_gate)
        {
            output.WriteLine(line);
            output.Flush();
        }
    }

    public void Written(string path) => Say($"Written to {Markup.Escape(path)}");

    public void Wait(string what) => Say($"[grey]Waiting for {Markup.Escape(what)}[/]");

    public void Problem(string message) => Say($"[yellow]{Markup.Escape(message)}[/]");

    public void Take(EventArgs args)
    {
        switch (args)
        {
            case IceCandidateEventArgs e:
                Say($"  [grey]{AgentNames.Of(e.Candidate.Type),-6} {Markup.Escape(AgentNames.EndPointOf(e.Candidate))}[/]");
                break;
            case IceServerAnsweredEventArgs { Succeeded: false } e:
                Say($"  [red]no answer[/] of {Markup.Escape(e.Url)}: {Markup.Escape(e.Reason ?? "no reason is known")}");
                break;
            case IceStateChangedEventArgs { State: IceConnectionState.Checking }:
                Say("Looking for a way");
                break;
            case IceStateChangedEventArgs { State: IceConnectionState.Disconnected } e:
                Say($"[yellow]The other side is silent[/]: {Markup.Escape(e.Explanation ?? "no answer for some time")}");
                break;
            case IceStateChangedEventArgs { State: IceConnectionState.Connected, Previous: IceConnectionState.Disconnected }:
                Say("[green]It answers again[/]");
                break;
        }
    }

    public void Connected(CandidatePairInfo pair) => Say(
        $"[green]Connected[/]: {AgentNames.Of(pair.Local.Type)} {Markup.Escape(AgentNames.EndPointOf(pair.Local))} to {AgentNames.Of(pair.Remote.Type)} {Markup.Escape(AgentNames.EndPointOf(pair.Remote))}. Ctrl-C ends it.");

    public void Application(IPEndPoint endPoint) => Say($"The application is at {endPoint}");

    public void End(IceUdpBridgeStats stats)
    {
        Say($"[bold]Ended[/]: to the peer {stats.SentToPeer} datagrams, {stats.BytesSentToPeer} bytes; to the application {stats.SentToApplication} datagrams, {stats.BytesSentToApplication} bytes");
        long lost = stats.GivenUpForPeer + stats.GivenUpForApplication + stats.RefusedForPeer + stats.RefusedForApplication;
        if (lost + stats.FromStrangers > 0)
            Say($"  not forwarded: {lost}, and {stats.FromStrangers} of senders that are not the application");
    }

    private void Say(string markup)
    {
        lock (_gate)
            console.MarkupLine(markup);
    }
}
