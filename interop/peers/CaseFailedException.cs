namespace PeersInterop;

/// <summary>A case did not go as it has to; the message says what.</summary>
internal sealed class CaseFailedException(string message) : Exception(message);
