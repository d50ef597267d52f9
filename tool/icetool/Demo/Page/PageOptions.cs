namespace IceTool.Demo.Page;

/// <summary>How a browser wants to begin, from the query of the page.</summary>
/// <param name="BrowserOffers">Whether the browser makes the offer, and so controls.</param>
/// <param name="Trickle">Whether candidates are sent as they are found; otherwise with the descriptions.</param>
internal readonly record struct PageOptions(bool BrowserOffers, bool Trickle)
{
    public string Role => BrowserOffers ? "offerer" : "answerer";

    public string TrickleName => Trickle ? "full" : "none";

    /// <summary>Reads the query; says what is wrong with it, or null.</summary>
    public static string? TryParse(string? role, string? trickle, out PageOptions options)
    {
        options = new PageOptions(role is not "answerer", trickle is not "none");
        if (role is not (null or "" or "offerer" or "answerer"))
            return $"role={role} is unknown: use role=offerer or role=answerer.";
        return trickle is null or "" or "full" or "none" ? null : $"trickle={trickle} is unknown: use trickle=full or trickle=none.";
    }
}
