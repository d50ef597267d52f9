namespace PeersInterop;

/// <summary>The programs, as interop/run has built them.</summary>
/// <param name="programs">Where the built ones are.</param>
/// <param name="iceDll">Our own program.</param>
internal sealed class PeerKinds(string programs, string iceDll)
{
    /// <summary>Ours: <c>ice peer</c>.</summary>
    public PeerKind Ours { get; } = new("ours", ["dotnet", iceDll, "peer"]);

    /// <summary>The others.</summary>
    public IReadOnlyList<PeerKind> All { get; } =
    [
        // Not the python3 of the path: Debian's modules belong to Debian's own.
        new("aioice", ["/usr/bin/python3", Path.Combine(programs, "aioice_peer.py")])
        {
            // It takes the one whose check was answered last.
            SelectsBestNominated = false,
            Lacks = new Dictionary<Need, string>
            {
                [Need.Trickle] = "aioice gathers all of its candidates before it tells one",
                [Need.Names] = "aioice resolves names, and makes none of its own",
                [Need.Restart] = "aioice has no restart",
                [Need.RegularNomination] = "aioice nominates with each check, unless its peer is lite",
            },
        },
        new("libnice", [Path.Combine(programs, "libnice_peer")])
        {
            Lacks = new Dictionary<Need, string> { [Need.Names] = "libnice neither makes nor resolves names" },
        },
        new("pion", [Path.Combine(programs, "pion_peer")])
        {
            // It closes its sockets, and opens others, where RFC 8445 §9 goes on using the old pair.
            KeepsOldPair = false,
            Lacks = new Dictionary<Need, string>
            {
                [Need.RoleConflict] = "pion 2.3 drops checks that carry its own role, and ignores 487: it never changes its role",
                [Need.AggressiveNomination] = "pion has regular nomination only",
            },
        },
        Browser("chromium"),
        Browser("firefox"),
    ];

    private static PeerKind Browser(string name) => new(name, ["dotnet", typeof(PeerKinds).Assembly.Location, "browser", name])
    {
        FullStack = true,
        Lacks = new Dictionary<Need, string>
        {
            [Need.RegularNomination] = "browsers nominate with each check",
            [Need.PlainData] = "before DTLS a browser takes no data: interop/dtls restarts it under SRTP",
        },
    };
}
