using System.Text;
using System.Text.Json;
using Ice;

namespace IceTool.Peer;

/// <summary>A line of input, read and checked as a whole before any of it takes effect.</summary>
internal abstract record PeerRequest
{
    private PeerRequest()
    {
    }

    public static IReadOnlyList<string> Commands { get; } = ["gather", "remote", "candidate", "end", "send", "restart", "stats", "pairs", "close"];

    /// <summary>Reads a line.</summary>
    /// <exception cref="FormatException">The line is no request; the message says what is wrong with it.</exception>
    public static PeerRequest Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new FormatException("a line must be a JSON object, such as {\"cmd\":\"gather\"}");
            return Parse(new JsonFields(document.RootElement));
        }
        catch (JsonException exception)
        {
            throw new FormatException($"the line is no JSON: {exception.Message}");
        }
    }

    private static PeerRequest Parse(JsonFields line) => line.Text("cmd") switch
    {
        "gather" => new Gather(),
        "remote" => ParseRemote(line),
        "candidate" => ParseCandidate(line.Text("candidate") ?? throw new FormatException("\"candidate\" is missing")) is { } candidate ? new Candidate(candidate) : new End(),
        "end" => new End(),
        "send" => new Send(ParseData(line), line.Int("component", 1, 1, 256)),
        "restart" => new Restart(),
        "stats" => new Stats(),
        "pairs" => new Pairs(),
        "close" => new Close(),
        null => throw new FormatException($"\"cmd\" is missing: it must be one of {string.Join(", ", Commands)}"),
        { } other => throw new FormatException($"unknown command '{other}': expected one of {string.Join(", ", Commands)}"),
    };

    private static Remote ParseRemote(JsonFields line)
    {
        var parameters = new IceParameters(
            line.Text("ufrag") ?? throw new FormatException("\"ufrag\" is missing"),
            line.Text("pwd") ?? throw new FormatException("\"pwd\" is missing"))
        {
            Lite = line.Bool("lite", false),
        };
        if (parameters.Validate() is { } problem)
            throw new FormatException(problem);
        IceCandidate[] candidates = [.. line.Texts("candidates").Select(ParseCandidate).OfType<IceCandidate>()];
        return new Remote(parameters, candidates, line.Bool("end", true));
    }

    // An empty candidate is the end of them, as in a browser.
    private static IceCandidate? ParseCandidate(string text) => text.Trim().Length == 0
        ? null
        : IceCandidate.TryParse(text, out IceCandidate? candidate, out string? error) ? candidate : throw new FormatException($"'{text}' is no candidate: {error}");

    private static byte[] ParseData(JsonFields line)
    {
        if (line.Text("hex") is not { } hex)
            return Encoding.UTF8.GetBytes(line.Text("data") ?? throw new FormatException("\"data\" or \"hex\" is missing"));
        return hex.Length % 2 == 0 && hex.All(char.IsAsciiHexDigit) ? Convert.FromHexString(hex) : throw new FormatException("\"hex\" must be pairs of hexadecimal digits");
    }

    public sealed record Gather : PeerRequest;

    public sealed record Remote(IceParameters Parameters, IReadOnlyList<IceCandidate> Candidates, bool Last) : PeerRequest;

    public sealed record Candidate(IceCandidate Value) : PeerRequest;

    public sealed record End : PeerRequest;

    public sealed record Send(ReadOnlyMemory<byte> Data, int Component) : PeerRequest;

    public sealed record Restart : PeerRequest;

    public sealed record Stats : PeerRequest;

    public sealed record Pairs : PeerRequest;

    public sealed record Close : PeerRequest;
}
