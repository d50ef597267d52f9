using System.Diagnostics.CodeAnalysis;

namespace Repo.Tests.PublicApi;

/// <summary>A public type for the test of <see cref="ApiWriter"/>.</summary>
[method: SetsRequiredMembers]
public sealed class ApiSample(string name) : IDisposable
{
    public const int Limit = 5;

    public event EventHandler? Changed;

    public enum Kind : byte
    {
        One = 1,
        Two = 2,
    }

    public required string Name { get; init; } = name;

    public int Count { get; init; }

    internal int Hidden { get; set; }

    public static bool TryParse(ReadOnlySpan<char> text, out Kind kind, int limit = 3)
    {
        kind = text.Length > limit ? Kind.Two : Kind.One;
        return true;
    }

    public void Dispose()
    {
        Changed?.Invoke(this, EventArgs.Empty);
        HideAgain();
    }

    private void HideAgain() => Hidden++;
}
