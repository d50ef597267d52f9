using System.Diagnostics;

namespace NatLab.Agents;

/// <summary>Two parties, connected with each other: an offer with all candidates, and an answer with all candidates.</summary>
internal sealed record LabCall(PairTypes Offerer, PairTypes Answerer, TimeSpan Time)
{
    private static readonly TimeSpan s_gatherLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_connectLimit = TimeSpan.FromSeconds(45);
    private static readonly TimeSpan s_dataLimit = TimeSpan.FromSeconds(20);

    public bool IsRelayed => Offerer.IsRelayed || Answerer.IsRelayed;

    /// <summary>Connects the two, and has data go both ways.</summary>
    public static async Task<LabCall> ConnectAsync(Party offerer, Party answerer, CancellationToken cancellationToken)
    {
        using var gathering = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        gathering.CancelAfter(s_gatherLimit);
        Description offer = await offerer.OfferAsync(gathering.Token);
        Description answer = await answerer.AnswerAsync(offer, gathering.Token);
        Show(offerer, offer);
        Show(answerer, answer);
        long start = Stopwatch.GetTimestamp();
        await offerer.AcceptAsync(answer, cancellationToken);
        PairTypes[] pairs = await Task.WhenAll(offerer.WaitUntilConnectedAsync(s_connectLimit, cancellationToken), answerer.WaitUntilConnectedAsync(s_connectLimit, cancellationToken));
        TimeSpan time = Stopwatch.GetElapsedTime(start);
        await ExchangeDataAsync(offerer, answerer, cancellationToken);
        return new LabCall(pairs[0], pairs[1], time);
    }

    private static void Show(Party from, Description told)
    {
        if (PeersInterop.PeerProcess.Trace)
            Console.Error.WriteLine($"{PeersInterop.PeerProcess.Now.TotalSeconds,8:0.000} {from.Name}: {told.Fragment}, {string.Join(" / ", told.Candidates)}");
    }

    /// <summary>Has data go both ways.</summary>
    public static async Task ExchangeDataAsync(Party offerer, Party answerer, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(s_dataLimit);
        Task atAnswerer = answerer.WaitForDataAsync(limit.Token);
        Task atOfferer = offerer.WaitForDataAsync(limit.Token);
        try
        {
            await Task.WhenAll(atAnswerer, atOfferer, offerer.SendUntilAsync(atAnswerer, limit.Token), answerer.SendUntilAsync(atOfferer, limit.Token));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PeersInterop.CaseFailedException(
                $"connected, but no data arrived within {s_dataLimit.TotalSeconds:0} s at {(atAnswerer.IsCompletedSuccessfully ? "" : answerer.Name)} {(atOfferer.IsCompletedSuccessfully ? "" : offerer.Name)}");
        }
    }
}
