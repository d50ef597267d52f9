namespace IceTool.Bridge;

/// <summary>How the two sides' lines travel.</summary>
internal interface IBridgeSignaling
{
    /// <summary>Gives our line away.</summary>
    Task SendAsync(SignalText ours, CancellationToken cancellationToken);

    /// <summary>Waits for the other side's line.</summary>
    /// <param name="offer">Whether it is an offer, or an answer.</param>
    /// <param name="accepts">Throws a <see cref="FormatException"/> with the reason for one that does not fit.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="BridgeException">None will come.</exception>
    Task<SignalText> ReceiveAsync(bool offer, Action<SignalText> accepts, CancellationToken cancellationToken);

    /// <summary>Waits until the other side has our answer, or nobody can tell.</summary>
    Task WaitUntilTakenAsync(CancellationToken cancellationToken);
}
