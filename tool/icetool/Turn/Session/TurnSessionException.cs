namespace IceTool.Turn;

/// <summary>A TURN server did not do what it was asked for; the message says what happened and what to try.</summary>
internal sealed class TurnSessionException(string message, int code = 0, Exception? inner = null) : IOException(message, inner)
{
    /// <summary>The server's error code; 0 where it gave none.</summary>
    public int Code { get; } = code;
}
