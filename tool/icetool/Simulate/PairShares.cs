namespace IceTool.Simulate;

/// <summary>How the sessions between two kinds of sites ended.</summary>
internal sealed record PairShares(string Kind, string Other, long Direct, long Relayed, long Failed)
{
    public long Total => Direct + Relayed + Failed;

    public string Name => Kind == Other ? $"{Kind} ×2" : $"{Kind} – {Other}";
}
