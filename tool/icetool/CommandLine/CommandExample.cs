namespace IceTool.CommandLine;

/// <summary>A line to type and what it is for.</summary>
internal readonly record struct CommandExample(string Line, string Purpose);
