using System.Globalization;
using System.Net;
using System.Text;

namespace IceTool.Simulate.Plots;

/// <summary>Puts a drawing together; numbers are written the same in every culture, and text is escaped.</summary>
internal sealed class SvgText
{
    private readonly StringBuilder _text = new();

    public void Raw(FormattableString markup) => _text.Append(markup.ToString(CultureInfo.InvariantCulture)).Append('\n');

    public void Rect(double x, double y, double width, double height, string attributes, string? title = null) =>
        Raw($"<rect x=\"{x:0.##}\" y=\"{y:0.##}\" width=\"{Math.Max(width, 0):0.##}\" height=\"{height:0.##}\" {attributes}>{(title is null ? "" : $"<title>{Escape(title)}</title>")}</rect>");

    public void Line(double x1, double y1, double x2, double y2, string attributes) =>
        Raw($"<line x1=\"{x1:0.##}\" y1=\"{y1:0.##}\" x2=\"{x2:0.##}\" y2=\"{y2:0.##}\" {attributes}/>");

    public void Label(double x, double y, string text, string attributes = "") =>
        Raw($"<text x=\"{x:0.##}\" y=\"{y:0.##}\" {attributes}>{Escape(text)}</text>");

    public static string Escape(string text) => WebUtility.HtmlEncode(text);

    public override string ToString() => _text.ToString();
}
