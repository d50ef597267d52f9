namespace CoturnInterop;

/// <summary>Something that coturn and the library do together.</summary>
/// <param name="Name">What, in the report's words.</param>
/// <param name="Server">The coturn that it needs.</param>
/// <param name="RunAsync">Does it, with a user of its own; what it returns is added to the line. Throws when it goes wrong.</param>
internal sealed record InteropCase(string Name, Coturn Server, Func<CaseContext, Task<string?>> RunAsync);
