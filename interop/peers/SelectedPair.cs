namespace PeersInterop;

/// <summary>A pair as one side tells it.</summary>
internal sealed record SelectedPair(PairEnd Local, PairEnd Remote)
{
    public static SelectedPair Of(PeerLine line) => new(PairEnd.Parse(line.Text("local")), PairEnd.Parse(line.Text("remote")));

    /// <summary>Whether the other side tells the same pair.</summary>
    public bool Mirrors(SelectedPair other) => Local.IsSamePlace(other.Remote) && Remote.IsSamePlace(other.Local);

    public override string ToString() => $"{Local} to {Remote}";
}
