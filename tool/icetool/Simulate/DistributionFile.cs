using System.Text.Json;
using Ice.Simulation;

namespace IceTool.Simulate;

/// <summary>Reads a population of sites from JSON; docs/traversal.md describes the format.</summary>
internal static class DistributionFile
{
    private static readonly JsonDocumentOptions s_options = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    private static readonly string[] s_members = ["source", "sameNetworkShare", "trickleShare", "turn", "signalingMs", "serverMs", "kinds"];

    /// <summary>The population that comes with the program.</summary>
    public static SitePopulation Default
    {
        get
        {
            using Stream stream = typeof(DistributionFile).Assembly.GetManifestResourceStream("distribution.json")!;
            using var reader = new StreamReader(stream);
            return Parse(reader.ReadToEnd(), "the distribution that comes with the program");
        }
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="FormatException">It cannot be read, or says something that cannot be; the message says where and what is expected.</exception>
    public static SitePopulation Read(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new FormatException($"The distribution {path} cannot be read: {exception.Message}", exception);
        }
    }

    /// <summary>Reads a population.</summary>
    /// <exception cref="FormatException">The text says something that cannot be; the message says where and what is expected.</exception>
    public static SitePopulation Parse(string text, string name)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, s_options);
            var root = new DistributionNode(document.RootElement, "the top level");
            root.Allow(s_members);
            var population = new SitePopulation
            {
                Source = root.Text("source", ""),
                SameNetworkShare = root.Number("sameNetworkShare", 0, 0, 1),
                TrickleShare = root.Number("trickleShare", 1, 0, 1),
                UsesTurn = root.Flag("turn", true),
                MaxSignalingDelay = TimeSpan.FromMilliseconds(root.Number("signalingMs", 150, 0, 60_000)),
                MaxServerLatency = TimeSpan.FromMilliseconds(root.Number("serverMs", 30, 0, 10_000)),
                Kinds = [.. root.List("kinds").Select(static (kind, index) => ReadKind(kind, index))],
            };
            population.Validate();
            return population;
        }
        catch (JsonException exception)
        {
            throw new FormatException($"The distribution {name} is not JSON: line {exception.LineNumber + 1}, {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is FormatException or ArgumentException)
        {
            throw new FormatException($"The distribution {name} cannot be used: {exception.Message}", exception);
        }
    }

    private static SiteKind ReadKind(JsonElement element, int index)
    {
        string name = new DistributionNode(element, $"kinds[{index}]").Text("name", $"kind {index + 1}");
        var kind = new DistributionNode(element, $"kinds[{index}] ({name})");
        kind.Allow([
            "name", "weight", "access", "mapping", "filtering", "ports", "portStep", "hairpin", "lifetimeSeconds", "inboundRefresh", "pairedPooling", "poolSize", "outer",
            "firewall", "ipv6", "latencyMs", "jitterMs", "lossPercent",
        ]);
        Access access = kind.Choice("access", Access.Nat, DistributionWords.Access);
        NatFiltering filtering = kind.Choice("filtering", NatFiltering.AddressAndPortDependent, DistributionWords.Filtering);
        (double least, double greatest) = kind.Range("latencyMs", 5, 30);
        return new SiteKind(name, kind.Number("weight", 1, 0, 1e9), new InterfaceScenario
        {
            Access = access,
            Nat = ReadNat(kind),
            PoolSize = (int)kind.Number("poolSize", 1, 1, 8),
            FirewallFiltering = kind.Choice("firewall", access == Access.Firewall ? filtering : NatFiltering.AddressAndPortDependent, DistributionWords.Filtering),
            OuterNats = [.. kind.List("outer").Select((outer, layer) => ReadOuter(new DistributionNode(outer, $"kinds[{index}] ({name}) outer[{layer}]")))],
        })
        {
            IPv6Share = kind.Number("ipv6", 0, 0, 1),
            MinLatency = TimeSpan.FromMilliseconds(least),
            MaxLatency = TimeSpan.FromMilliseconds(greatest),
            Jitter = TimeSpan.FromMilliseconds(kind.Number("jitterMs", 0, 0, 10_000)),
            Loss = kind.Number("lossPercent", 0, 0, 100) / 100,
        };
    }

    private static NatOptions ReadOuter(DistributionNode outer)
    {
        outer.Allow(["mapping", "filtering", "ports", "portStep", "hairpin", "lifetimeSeconds", "inboundRefresh", "pairedPooling"]);
        return ReadNat(outer);
    }

    private static NatOptions ReadNat(DistributionNode node) => new()
    {
        Mapping = node.Choice("mapping", NatMapping.EndpointIndependent, DistributionWords.Mapping),
        Filtering = node.Choice("filtering", NatFiltering.AddressAndPortDependent, DistributionWords.Filtering),
        PortAssignment = node.Choice("ports", NatPortAssignment.Preserving, DistributionWords.Ports),
        PortStep = (int)node.Number("portStep", 1, 1, 1000),
        Hairpin = node.Choice("hairpin", NatHairpin.None, DistributionWords.Hairpin),
        Lifetime = TimeSpan.FromSeconds(node.Number("lifetimeSeconds", 300, 1, 1e6)),
        InboundRefresh = node.Flag("inboundRefresh", false),
        PairedPooling = node.Flag("pairedPooling", true),
    };
}
