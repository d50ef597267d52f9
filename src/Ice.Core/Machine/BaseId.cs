namespace Ice.Core;

/// <summary>Names a base (RFC 8445 §4): a local socket, as the driver numbers it.</summary>
/// <param name="Value">The driver's number.</param>
public readonly record struct BaseId(int Value);
