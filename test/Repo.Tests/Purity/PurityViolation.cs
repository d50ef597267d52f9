namespace Repo.Tests.Purity;

/// <summary>Something that a protocol assembly reaches and may not.</summary>
/// <param name="What">The type, member or assembly.</param>
/// <param name="Where">The methods that use it; empty when it only stands in a signature, base list or attribute.</param>
/// <param name="Why">Why it is banned.</param>
internal sealed record PurityViolation(string What, IReadOnlyList<string> Where, string Why)
{
    public override string ToString() => $"{What}: {Why} ({(Where.Count == 0 ? "in a signature" : string.Join(", ", Where))})";
}
