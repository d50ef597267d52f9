using System.Globalization;
using System.Reflection;
using Ice.Testing;

namespace Stun.Tests;

/// <summary>Every number of the IANA registries has its name here, and no name here has another number.</summary>
[Rfc(8489, "18")]
internal sealed class RegistryTests
{
    // Numbers that the code names although the registry only reserves them.
    private static readonly HashSet<string> s_unregistered = ["NOMINATION"];

    [Test, Rfc(8489, "18.2")]
    public void Methods_are_those_of_the_registry() => Compare("method", Enum.GetValues<StunMethod>().Select(m => (m.ToString(), (int)m)));

    [Test, Rfc(8489, "18.3")]
    public void Attributes_are_those_of_the_registry() => Compare("attribute", Enum.GetValues<StunAttributeType>().Select(a => (a.ToString(), (int)a)));

    [Test, Rfc(8489, "18.5")]
    public void Password_algorithms_are_those_of_the_registry() => Compare("algorithm", Enum.GetValues<PasswordAlgorithm>().Select(a => (a.ToString(), (int)a)));

    [Test, Rfc(8489, "18.4"), Rfc(8489, "14.8")]
    public void Error_codes_are_those_of_the_registry_and_have_its_phrases()
    {
        Compare("error", typeof(StunErrorCode).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(f => f.Name is not (nameof(StunErrorCode.Min) or nameof(StunErrorCode.Max)))
            .Select(f => (f.Name, (int)f.GetRawConstantValue()!)));
        foreach ((int number, string name) in Read("error"))
            Assert.That(StunErrorCode.DefaultReason(number), Is.EqualTo(name));
    }

    [Test, Rfc(8489, "18.1")]
    public void Security_features_are_those_of_the_registry()
    {
        foreach ((int number, string name) in Read("feature"))
            Assert.That(Plain(((StunSecurityFeatures)(1 << (23 - number))).ToString()), Is.EqualTo(Plain(name)));
        Assert.That(Enum.GetValues<StunSecurityFeatures>(), Has.Length.EqualTo(1 + Read("feature").Count));
    }

    [Test]
    public void Every_other_error_code_has_a_phrase_too()
    {
        for (int code = StunErrorCode.Min; code <= StunErrorCode.Max; code++)
            Assert.That(StunErrorCode.DefaultReason(code), Is.Not.Empty);
    }

    private static void Compare(string registry, IEnumerable<(string Name, int Number)> code)
    {
        List<(int Number, string Name)> read = Read(registry);
        Assert.That(read, Is.Not.Empty);
        Assert.That(
            code.Select(c => (c.Number, Name: Plain(c.Name))).Where(c => !s_unregistered.Contains(c.Name)),
            Is.EquivalentTo(read.Select(r => (r.Number, Name: Plain(r.Name)))));
    }

    private static string Plain(string name) => string.Concat(name.Where(char.IsAsciiLetterOrDigit)).ToUpperInvariant();

    private static List<(int Number, string Name)> Read(string registry)
    {
        using Stream stream = typeof(RegistryTests).Assembly.GetManifestResourceStream("IanaRegistry.txt")!;
        using var reader = new StreamReader(stream);
        return
        [
            .. reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(line => !line.StartsWith('#'))
                .Select(line => line.Split('\t'))
                .Where(fields => fields[0] == registry)
                .Select(fields => (ParseNumber(fields[1]), fields[2])),
        ];
    }

    private static int ParseNumber(string text) => text.StartsWith("0x", StringComparison.Ordinal)
        ? int.Parse(text.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture)
        : int.Parse(text, CultureInfo.InvariantCulture);
}
