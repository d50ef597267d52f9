namespace Ice;

/// <summary>A name and value after a candidate's fixed fields, such as <c>generation 0</c> (RFC 8839 §5.1, cand-extension).</summary>
/// <param name="Name">The extension's name.</param>
/// <param name="Value">The extension's value.</param>
public readonly record struct IceCandidateExtension(string Name, string Value);
