using Ice;

namespace IceTool.Agents;

/// <summary>Joins the events of an agent to one stream, in the order in which the agent raises them.</summary>
internal static class AgentWatch
{
    /// <summary>Has <paramref name="sink"/> called with the arguments of every event; <see cref="EventArgs.Empty"/> is the end of gathering.</summary>
    public static void Attach(IceAgent agent, Action<EventArgs> sink)
    {
        agent.CandidateGathered += (_, e) => sink(e);
        agent.GatheringCompleted += (_, e) => sink(e);
        agent.ServerAnswered += (_, e) => sink(e);
        agent.StateChanged += (_, e) => sink(e);
        agent.CandidatePairChanged += (_, e) => sink(e);
        agent.SelectedPairChanged += (_, e) => sink(e);
        agent.RoleChanged += (_, e) => sink(e);
    }
}
