namespace Ice.Core.Tests.Sdp.Corpus;

/// <summary>One section of a corpus file: <c>== kind: title</c>, and its lines exactly as a program wrote them.</summary>
/// <param name="Source">The file without its ending: the program's name.</param>
/// <param name="Kind"><c>candidates</c>, <c>json</c> (RTCIceCandidateInit), <c>sdp</c> (a description) or <c>sections</c> (media sections alone).</param>
/// <param name="Title">How the program was set up.</param>
/// <param name="Lines">The lines, without line ends.</param>
internal sealed record CorpusSection(string Source, string Kind, string Title, IReadOnlyList<string> Lines)
{
    private const string Prefix = "Corpus/";
    private const string Header = "== ";

    /// <summary>All sections of all files.</summary>
    internal static IReadOnlyList<CorpusSection> All { get; } = [.. Sources().SelectMany(static source => Parse(source))];

    public override string ToString() => $"{Source}, {Kind}: {Title}";

    private static IEnumerable<string> Sources() =>
        from name in typeof(CorpusSection).Assembly.GetManifestResourceNames()
        where name.StartsWith(Prefix, StringComparison.Ordinal)
        orderby name
        select Path.GetFileNameWithoutExtension(name);

    private static List<CorpusSection> Parse(string source)
    {
        using Stream stream = typeof(CorpusSection).Assembly.GetManifestResourceStream($"{Prefix}{source}.txt")!;
        using var reader = new StreamReader(stream);
        var sections = new List<CorpusSection>();
        var lines = new List<string>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith(Header, StringComparison.Ordinal))
            {
                lines = [];
                string[] parts = line[Header.Length..].Split(": ", 2);
                sections.Add(new CorpusSection(source, parts[0], parts[1], lines));
            }
            else if (line.Length > 0 && line[0] != '#')
            {
                lines.Add(line);
            }
        }

        return sections;
    }
}
