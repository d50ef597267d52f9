namespace Ice;

/// <summary>The network did not allow what was asked for. Misuse is reported by other exceptions, cancellation by <see cref="OperationCanceledException"/>.</summary>
public sealed class IceException : IOException
{
    /// <summary>Creates an exception.</summary>
    /// <param name="error">What kind of trouble.</param>
    /// <param name="message">What happened and what to try.</param>
    /// <param name="reason">Why the agent failed, where it did.</param>
    /// <param name="innerException">The cause.</param>
    public IceException(IceError error, string message, IceFailureReason reason = IceFailureReason.None, Exception? innerException = null)
        : base(message, innerException)
    {
        Error = error;
        Reason = reason;
    }

    /// <summary>What kind of trouble.</summary>
    public IceError Error { get; }

    /// <summary>Why the agent failed; None unless <see cref="Error"/> is ConnectionFailed or NotConnected after a failure.</summary>
    public IceFailureReason Reason { get; }
}
