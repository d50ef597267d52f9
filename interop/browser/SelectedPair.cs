namespace BrowserInterop;

/// <summary>A selected pair as one side tells it.</summary>
internal sealed record SelectedPair(Side Local, Side Remote)
{
    /// <summary>Whether this, the browser's pair, is the mirror image of the agent's.</summary>
    public bool Mirrors(SelectedPair agent) => Local.IsSameAs(agent.Remote) && Remote.IsSameAs(agent.Local);

    public override string ToString() => $"{Local} -> {Remote}";
}
