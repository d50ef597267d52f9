using System.CommandLine;
using Ice;
using Ice.Simulation;

namespace IceTool.Simulate;

/// <summary>The options of <c>ice simulate</c> and <c>ice simulate grid</c>.</summary>
internal sealed class SimulateOptions
{
    private readonly Option<long> _sessions = new("--sessions", "-n") { Description = "How many sessions to draw.", DefaultValueFactory = _ => 10_000 };
    private readonly Option<ulong> _seed = new("--seed") { Description = "The seed: the same one gives the same figures, on every machine.", DefaultValueFactory = _ => 1 };
    private readonly Option<string?> _distribution = new("--distribution", "-d") { Description = "The shares of the kinds of sites, as a JSON file; without it, those that docs/traversal.md describes." };
    private readonly Option<int> _runs = new("--runs") { Description = "How many sessions each pair has: with and without trickling, each side controlling, and so on.", DefaultValueFactory = _ => 4 };
    private readonly Option<string> _families = new("--families") { Description = "The addresses of the sites: ipv4, ipv6 (behind stateful firewalls) or both.", DefaultValueFactory = _ => "ipv4" };
    private readonly Option<string?> _prediction = new("--prediction")
    {
        Description = "Let the agents predict ports of NATs that map each destination anew: both of them, or with 'one-side' the offerer alone, against plain ICE.",
        HelpName = "both|one-side",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<int> _guessSockets = new("--guess-sockets") { Description = "With --prediction: how many sockets an agent opens behind a NAT that cannot be predicted, for the peer to guess; 256 is a good number.", DefaultValueFactory = _ => 0 };
    private readonly Option<bool> _compare = new("--compare") { Description = "Run the same sessions without prediction, with it, and with --guess-sockets once more, and show the figures side by side." };
    private readonly Option<int> _threads = new("--threads", "-t") { Description = "How many sessions run at a time; the figures do not depend on it.", DefaultValueFactory = _ => Environment.ProcessorCount };
    private readonly Option<string?> _out = new("--out", "-o") { Description = "The directory for the page (index.html) and the pictures (SVG). Default: ice-simulate; with --json or --pcap, none." };
    private readonly Option<string?> _pcap = new("--pcap") { Description = "Run one session alone, and write what every attachment sees to this file, for Wireshark." };
    private readonly Option<long> _session = new("--session") { Description = "The number of that session, from 0.", DefaultValueFactory = _ => 0 };
    private readonly Option<bool> _json = new("--json") { Description = "One JSON object, for programs." };

    public IEnumerable<Option> OfPopulation => [_sessions, _seed, _distribution, _prediction, _guessSockets, _compare, _threads, _out, _pcap, _session, _json];

    public IEnumerable<Option> OfGrid => [_families, _runs, _seed, _prediction, _guessSockets, _compare, _threads, _out, _pcap, _session, _json];

    /// <summary>Reads the command line.</summary>
    /// <exception cref="FormatException">A value cannot be used; the message says which and what is expected.</exception>
    public SimulateRequest Read(ParseResult parsed, bool grid)
    {
        int threads = parsed.GetValue(_threads);
        Require(threads is >= 1 and <= 1024, "--threads must be 1 to 1024.");
        SimulateSettings settings = grid ? Grid(parsed, threads) : Population(parsed, threads);
        settings = settings with { Variants = Variants(parsed) };
        long session = parsed.GetValue(_session);
        Require(session >= 0 && session < settings.Sessions, $"--session must be 0 to {settings.Sessions - 1}: there are no more.");
        bool json = parsed.GetValue(_json);
        string? pcap = parsed.GetValue(_pcap);
        Require(pcap is null || settings.Variants.Count == 1, "--pcap captures one session run in one way: leave --compare out.");
        string? directory = parsed.GetValue(_out) ?? (json || pcap is not null ? null : "ice-simulate");
        return new SimulateRequest(settings, directory, pcap, session, json);
    }

    private SimulateSettings Population(ParseResult parsed, int threads)
    {
        long sessions = parsed.GetValue(_sessions);
        Require(sessions is >= 1 and <= 1_000_000_000, "--sessions must be 1 to 1,000,000,000.");
        SitePopulation population = parsed.GetValue(_distribution) is { } file ? DistributionFile.Read(file) : DistributionFile.Default;
        return SimulateSettings.OfPopulation(population, sessions, parsed.GetValue(_seed), threads);
    }

    private SimulateSettings Grid(ParseResult parsed, int threads)
    {
        int runs = parsed.GetValue(_runs);
        Require(runs is >= 1 and <= 100_000, "--runs must be 1 to 100,000.");
        AddressFamilies families = parsed.GetValue(_families) switch
        {
            "ipv4" => AddressFamilies.IPv4,
            "ipv6" => AddressFamilies.IPv6,
            "both" => AddressFamilies.Both,
            var other => throw new FormatException($"--families is '{other}': it must be ipv4, ipv6 or both."),
        };
        return SimulateSettings.OfGrid(families, runs, parsed.GetValue(_seed), threads);
    }

    private List<SimulateVariant> Variants(ParseResult parsed)
    {
        bool compares = parsed.GetValue(_compare);
        bool predicts = parsed.GetResult(_prediction) is not null;
        bool bothSides = parsed.GetValue(_prediction) switch
        {
            null or "" or "both" => true,
            "one-side" => false,
            var other => throw new FormatException($"--prediction is '{other}': it must be both (which it is without a word) or one-side."),
        };
        int sockets = parsed.GetValue(_guessSockets);
        Require(sockets is >= 0 and <= IceTraversalOptions.MaxGuessSockets, $"--guess-sockets must be 0 to {IceTraversalOptions.MaxGuessSockets}.");
        Require(sockets == 0 || predicts || compares, "--guess-sockets goes with --prediction or --compare: add one of them.");
        List<SimulateVariant> variants = [];
        if (compares || !predicts)
            variants.Add(SimulateVariant.Plain);
        if (compares || (predicts && sockets == 0))
            variants.Add(SimulateVariant.WithPrediction(bothSides, 0));
        if (sockets > 0)
            variants.Add(SimulateVariant.WithPrediction(bothSides, sockets));
        return variants;
    }

    private static void Require(bool condition, string message)
    {
        if (!condition)
            throw new FormatException(message);
    }
}
