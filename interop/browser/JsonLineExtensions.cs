using System.Text.Json;

namespace BrowserInterop;

internal static class JsonLineExtensions
{
    public static bool Is(this JsonElement line, string kind) => line.GetProperty("ev").ValueEquals(kind);

    public static string Text(this JsonElement line, string name) => line.GetProperty(name).GetString() ?? "";
}
