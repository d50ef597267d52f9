using Ice.Core;
using Stun;

namespace Ice.Simulation;

/// <summary>Writes what agents do, one line each: events, checks and answers. Credentials are not in it.</summary>
public sealed class EventLog : AgentObserver
{
    private readonly TextWriter _output;

    /// <summary>Creates a log.</summary>
    public EventLog(TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(output);
        _output = output;
    }

    /// <inheritdoc/>
    public override void OnTransmit(SimAgent agent, IcePath path, ReadOnlySpan<byte> message) => Write(agent, "->", path, message);

    /// <inheritdoc/>
    public override void OnDatagram(SimAgent agent, IcePath path, ReadOnlySpan<byte> datagram, InputResult result)
    {
        if (result != InputResult.NotStun)
            Write(agent, result == InputResult.Handled ? "<-" : "<- dropped", path, datagram);
    }

    /// <inheritdoc/>
    public override void OnEvent(SimAgent agent, IceEvent happened)
    {
        string? text = happened switch
        {
            IceEvent.PairChanged changed => "pair " + Describe(changed.Pair),
            IceEvent.SendPathChanged { Pair: { } pair } sends => $"component {sends.Component} sends over {Describe(pair)}",
            IceEvent.SendPathChanged silent => $"component {silent.Component} sends nowhere",
            IceEvent.AcceptedPathsChanged => null,
            _ => happened.ToString(),
        };
        if (text is not null)
            Line(agent, text);
    }

    private static string Describe(CandidatePairInfo pair) =>
        $"{pair.Id} {pair.State}{(pair.Nominated ? " nominated" : "")}{(pair.Selected ? " selected" : "")}, priority {pair.Priority}, base {pair.Path.Base.Value} {pair.Local.Type} {pair.Local.Address} -> {pair.Remote.Type} {pair.Path.Remote}";

    private void Write(SimAgent agent, string direction, IcePath path, ReadOnlySpan<byte> bytes)
    {
        if (!StunMessage.TryParse(bytes, out StunMessage message, out _))
            return;
        string role = message.Has(StunAttributeType.IceControlling) ? " controlling" : message.Has(StunAttributeType.IceControlled) ? " controlled" : "";
        string nominates = message.Has(StunAttributeType.UseCandidate) ? " USE-CANDIDATE" : "";
        string error = message.TryGetErrorCode(out int code, out _) ? $" {code}" : "";
        Line(agent, $"{direction} base {path.Base.Value} {path.Remote} {message.Class}{error} {message.TransactionId}{role}{nominates}");
    }

    private void Line(SimAgent agent, string text) =>
        _output.WriteLine(FormattableString.Invariant($"{agent.Host.Network.Clock.Elapsed.TotalSeconds,10:0.0000} {agent.Name,-8} {text}"));
}
