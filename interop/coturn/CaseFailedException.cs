namespace CoturnInterop;

/// <summary>Something was not as it has to be.</summary>
internal sealed class CaseFailedException(string message) : Exception(message);
