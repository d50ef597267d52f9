using Ice;

namespace IceTool.Simulate;

/// <summary>One way to run the sessions: with plain ICE, or with ways past endpoint-dependent mapping.</summary>
/// <param name="Name">What it is, to stand in a sentence.</param>
/// <param name="Key">A word for file names and programs.</param>
/// <param name="Traversal">What the agents are given; null for plain ICE.</param>
/// <param name="BothSides">Whether both are; otherwise the offerer alone.</param>
internal sealed record SimulateVariant(string Name, string Key, IceTraversalOptions? Traversal, bool BothSides)
{
    /// <summary>Plain ICE.</summary>
    public static SimulateVariant Plain { get; } = new("without prediction", "plain", null, BothSides: true);

    /// <summary>Port prediction, without or with many sockets.</summary>
    public static SimulateVariant WithPrediction(bool bothSides, int guessSockets)
    {
        string where = bothSides ? "" : " on one side";
        return guessSockets == 0
            ? new SimulateVariant("with prediction" + where, "prediction", new IceTraversalOptions(), bothSides)
            : new SimulateVariant($"with prediction and {guessSockets} sockets" + where, "guessing", new IceTraversalOptions { GuessSockets = guessSockets }, bothSides);
    }
}
