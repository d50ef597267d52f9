namespace IceTool.Turn;

/// <summary>Tells how a server did.</summary>
internal interface ITurnReport
{
    void Begin(TurnRequest request);

    void Tell(TurnProbeResult result);

    void End(IReadOnlyList<TurnProbeResult> results);
}
