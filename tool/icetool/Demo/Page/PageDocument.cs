using System.Reflection;
using System.Text;

namespace IceTool.Demo.Page;

/// <summary>The page as one document: nothing in it refers to anything outside of it.</summary>
internal static class PageDocument
{
    public static byte[] Html { get; } = Encoding.UTF8.GetBytes(
        Read("page.html").Replace("/*STYLE*/", Read("page.css"), StringComparison.Ordinal).Replace("/*SCRIPT*/", Read("page.js"), StringComparison.Ordinal));

    private static string Read(string name)
    {
        using Stream stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"The program was built without its page ({name}).");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
