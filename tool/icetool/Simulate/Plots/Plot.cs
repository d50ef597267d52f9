using System.Globalization;

namespace IceTool.Simulate.Plots;

/// <summary>A drawing, to stand in a page or in a file of its own.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Width">Its width.</param>
/// <param name="Height">Its height.</param>
/// <param name="Content">The elements.</param>
internal sealed record Plot(string Title, double Width, double Height, string Content)
{
    /// <summary>The colors and letters, light and dark, of files and of the page.</summary>
    public const string Style = """
        :root { --surface: #fcfcfb; --card: #ffffff; --ink: #1a1a19; --muted: #6b6a66; --rule: #e4e3de; --cell: #f1f0ec; --direct: #2a78d6; --relayed: #e09a00; --failed: #d03b3b; --on: #ffffff }
        @media (prefers-color-scheme: dark) {
          :root { --surface: #141413; --card: #1e1e1c; --ink: #f2f1ec; --muted: #a3a29c; --rule: #383835; --cell: #2a2a28; --direct: #3987e5; --relayed: #d18f0a; --failed: #e66767; --on: #ffffff }
        }
        svg { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; fill: var(--ink); font-variant-numeric: tabular-nums }
        svg .muted { fill: var(--muted) } svg .small { font-size: 11.5px } svg .end { text-anchor: end } svg .middle { text-anchor: middle }
        svg .direct { fill: var(--direct) } svg .relayed { fill: var(--relayed) } svg .failed { fill: var(--failed) } svg .cell { fill: var(--cell) }
        svg .on { fill: var(--on) } svg .rule { stroke: var(--rule); stroke-width: 1 } svg .curve { fill: none; stroke-width: 2.5; stroke-linejoin: round; stroke-linecap: round }
        svg .gain { fill: none; stroke: var(--ink); stroke-width: 2.5 }
        svg .strong { font-weight: 600 }
        """;

    /// <summary>As an element of a page.</summary>
    public string Inline => string.Create(
        CultureInfo.InvariantCulture,
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width:0} {Height:0}\" role=\"img\" aria-label=\"{SvgText.Escape(Title)}\">\n{Content}</svg>");

    /// <summary>As a file, with a background and a title.</summary>
    public string Standalone => string.Create(
        CultureInfo.InvariantCulture,
        $"""
         <svg xmlns="http://www.w3.org/2000/svg" viewBox="-24 -52 {Width + 48:0} {Height + 76:0}" width="{Width + 48:0}" height="{Height + 76:0}" role="img" aria-label="{SvgText.Escape(Title)}">
         <style>{Style}</style>
         <rect x="-24" y="-52" width="{Width + 48:0}" height="{Height + 76:0}" style="fill: var(--surface)"/>
         <text x="0" y="-20" class="strong" style="font-size: 17px">{SvgText.Escape(Title)}</text>
         {Content}</svg>
         """);
}
