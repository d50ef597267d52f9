namespace Ice;

/// <summary>An ICE attribute that was left out of account because it does not follow its grammar.</summary>
/// <param name="Line">The line, counted from 1.</param>
/// <param name="Reason">What is wrong with it; never holds a password.</param>
public readonly record struct IceSdpRefusal(int Line, string Reason);
