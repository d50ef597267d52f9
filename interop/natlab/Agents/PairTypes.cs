namespace NatLab.Agents;

/// <summary>The types of the two candidates of a selected pair, as candidates' texts name them.</summary>
internal readonly record struct PairTypes(string Local, string Remote)
{
    public bool IsRelayed => Local == "relay" || Remote == "relay";

    public override string ToString() => $"{Local}-{Remote}";
}
