namespace NatLab;

/// <summary>The programs that the laboratory starts, as interop/natlab/run hands them on.</summary>
/// <param name="Ice">Our own command line.</param>
/// <param name="Browser">The peer program of the browsers.</param>
/// <param name="Peers">The folder of the other peer programs.</param>
internal sealed record Programs(string Ice, string Browser, string Peers)
{
    public IReadOnlyList<string> IcePeer => ["dotnet", Ice, "peer"];

    public IReadOnlyList<string> Chromium => ["dotnet", Browser, "browser", "chromium"];

    public IReadOnlyList<string> Firefox => ["dotnet", Browser, "browser", "firefox"];
}
