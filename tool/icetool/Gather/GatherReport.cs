using System.Diagnostics;
using Ice;

namespace IceTool.Gather;

/// <summary>What gathering brought: collects it, and has it told as it comes and at the end.</summary>
internal abstract class GatherReport
{
    private readonly long _start = Stopwatch.GetTimestamp();
    private readonly List<GatheredCandidate> _candidates = [];
    private readonly List<IceServerAnsweredEventArgs> _answers = [];

    protected IReadOnlyList<GatheredCandidate> Candidates => _candidates;

    protected TimeSpan Elapsed => Stopwatch.GetElapsedTime(_start);

    public virtual void Begin()
    {
    }

    /// <summary>Takes an event of the agent.</summary>
    public void Take(EventArgs args)
    {
        switch (args)
        {
            case IceCandidateEventArgs e:
                var gathered = new GatheredCandidate(e.Candidate, Elapsed);
                _candidates.Add(gathered);
                Tell(gathered);
                break;
            case IceServerAnsweredEventArgs e:
                _answers.Add(e);
                Tell(e);
                break;
        }
    }

    /// <summary>Tells the result.</summary>
    /// <returns>Whether there is a candidate and every server answered at least once.</returns>
    public bool Finish(IReadOnlyList<string> servers)
    {
        ServerSummary[] summaries = [.. servers.Select(url => ServerSummary.Of(url, _answers))];
        bool good = _candidates.Count > 0 && summaries.All(s => s.Answered);
        Tell(summaries, good);
        return good;
    }

    protected abstract void Tell(GatheredCandidate gathered);

    protected abstract void Tell(IceServerAnsweredEventArgs answer);

    protected abstract void Tell(IReadOnlyList<ServerSummary> servers, bool good);
}
