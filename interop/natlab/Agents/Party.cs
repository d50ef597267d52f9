namespace NatLab.Agents;

/// <summary>One side of a call: an agent of this process, or a program.</summary>
internal abstract class Party : IAsyncDisposable
{
    /// <summary>What it is called in messages.</summary>
    public abstract string Name { get; }

    /// <summary>Gathers, and tells what it has.</summary>
    public abstract Task<Description> OfferAsync(CancellationToken cancellationToken);

    /// <summary>Takes the other side's description, gathers, and tells what it has.</summary>
    public abstract Task<Description> AnswerAsync(Description offer, CancellationToken cancellationToken);

    /// <summary>Takes the answer.</summary>
    public abstract Task AcceptAsync(Description answer, CancellationToken cancellationToken);

    /// <summary>Waits until it is connected.</summary>
    /// <returns>Its selected pair.</returns>
    /// <exception cref="PeersInterop.CaseFailedException">It failed, or took too long.</exception>
    public abstract Task<PairTypes> WaitUntilConnectedAsync(TimeSpan within, CancellationToken cancellationToken);

    /// <summary>Sends datagrams until the other side has one of them.</summary>
    public abstract Task SendUntilAsync(Task arrived, CancellationToken cancellationToken);

    /// <summary>Waits for data of the other side's.</summary>
    public abstract Task WaitForDataAsync(CancellationToken cancellationToken);

    public abstract ValueTask DisposeAsync();
}
