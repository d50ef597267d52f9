using System.Text.Json.Nodes;

namespace Bench;

/// <summary>Two agents of a peer's program.</summary>
internal sealed class PeerPair : IPair
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly PeerProgram _program;

    private PeerPair(PeerProgram program, JsonObject answer)
    {
        _program = program;
        CandidatesOfA = Texts(answer, "a");
        CandidatesOfB = Texts(answer, "b");
    }

    public IReadOnlyList<string> CandidatesOfA { get; }

    public IReadOnlyList<string> CandidatesOfB { get; }

    /// <summary>The programs that there are.</summary>
    public static IReadOnlyList<string> Peers { get; } = ["pion", "libnice", "aioice"];

    /// <summary>Where the program of a peer is.</summary>
    public static PeerSource SourceOf(string peer) => peer switch
    {
        "pion" => new PeerSource(peer, "pion/connect.go", PeerLanguage.Go, ["golang-go", "golang-github-pion-ice.v2-dev"]),
        "libnice" => new PeerSource(peer, "libnice/connect.c", PeerLanguage.C, ["gcc", "libc6-dev", "pkg-config", "libnice-dev", "libjson-glib-dev"]) { Libraries = ["nice", "json-glib-1.0"] },
        "aioice" => new PeerSource(peer, "aioice/connect.py", PeerLanguage.Python, ["python3-aioice"]),
        _ => throw new BenchException($"There is no program of '{peer}'."),
    };

    /// <summary>Has the program make two agents and gather.</summary>
    public static async Task<IPair> MakeAsync(PeerProgram program, PairPlan plan)
    {
        JsonObject question = new()
        {
            ["cmd"] = "pair",
            ["kind"] = plan.Kind.Token(),
            ["serverA"] = plan.ServerA?.ToString() ?? "",
            ["serverB"] = plan.ServerB?.ToString() ?? "",
            ["user"] = PairPlan.User,
            ["password"] = PairPlan.Password,
        };
        return new PeerPair(program, await program.AskAsync(question, s_limit));
    }

    public async Task<ConnectTimes> ConnectAsync(IReadOnlyList<string> toA, IReadOnlyList<string> toB)
    {
        JsonObject answer = await _program.AskAsync(new JsonObject { ["cmd"] = "connect", ["toA"] = Array(toA), ["toB"] = Array(toB) }, s_limit);
        double? usable = answer["usableA"] is { } a && answer["usableB"] is { } b ? Math.Max(a.GetValue<double>(), b.GetValue<double>()) : null;
        return new ConnectTimes(usable, Math.Max(Number(answer, "selectedA"), Number(answer, "selectedB")));
    }

    // The program closes its agents when they have connected.
    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static JsonArray Array(IReadOnlyList<string> texts) => [.. texts.Select(static text => JsonValue.Create(text))];

    private static IReadOnlyList<string> Texts(JsonObject answer, string name) => [.. answer[name]!.AsArray().Select(static text => text!.GetValue<string>())];

    private static double Number(JsonObject answer, string name) => answer[name]!.GetValue<double>();
}
