using Ice;
using Interop;

namespace DtlsInterop;

/// <summary>
/// ICE restarts, begun by the two sides in turn, while the browser sends audio and video and is sent datagrams that its transport counts. Nothing
/// may be missing: the old pair works until there is the new one (RFC 8445 §9). DTLS goes on; the keys are those of its one handshake.
/// </summary>
internal sealed class MediaRestarts(IceAgent agent, BrowserPage page, MediaTap tap, string fingerprint)
{
    // Of RTP, over each pair.
    private const int BetweenRestarts = 25;

    // What is under way arrives at once; the browser's statistics are some milliseconds old.
    private const int Attempts = 50;
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(100);

    private string _description = "";

    /// <summary>Restarts so many times.</summary>
    /// <param name="count">How many times.</param>
    /// <param name="description">The browser's last description.</param>
    /// <param name="keys">What protects its media.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<string> RunAsync(int count, string description, SrtpKeys keys, CancellationToken cancellationToken)
    {
        _description = description;
        Resources before = await Resources.CountAsync(static _ => true, cancellationToken);
        long received = (await page.ReadTransportAsync(cancellationToken)).PacketsReceived;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task<int> sending = tap.SendAsync(stop.Token);
        for (int i = 0; i < count; i++)
        {
            await RestartAsync(weOffer: i % 2 == 0, cancellationToken);
            await tap.FlowAsync(BetweenRestarts, cancellationToken);
        }

        await stop.CancelAsync();
        int sent = await sending;
        int packets = tap.CheckAll(keys);
        await ExpectAllAsync(received + sent, sent, cancellationToken);
        Resources after = await Resources.CountAsync(now => now.IsAtMost(before), cancellationToken);
        if (!after.IsAtMost(before))
            throw new InvalidOperationException($"after {count} restarts there are {after}, before there were {before}: {Resources.DescribeTasks()}");
        return $"{count} restarts: {packets} SRTP packets from the browser and {sent} datagrams to it, none missing; {before} before and {after} after";
    }

    private async Task RestartAsync(bool weOffer, CancellationToken cancellationToken)
    {
        var nominated = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnPair(object? sender, IceSelectedPairChangedEventArgs e)
        {
            if (e.Pair is { Nominated: true })
                _ = nominated.TrySetResult();
        }

        agent.SelectedPairChanged += OnPair;
        try
        {
            if (weOffer)
                await OfferAsync(cancellationToken);
            else
                await AnswerAsync(cancellationToken);
            await nominated.Task.WaitAsync(cancellationToken);
        }
        finally
        {
            agent.SelectedPairChanged -= OnPair;
        }
    }

    private async Task OfferAsync(CancellationToken cancellationToken)
    {
        await GatherAgainAsync(cancellationToken);
        await page.SetRemoteAsync(offer: true, new SessionText(agent, fingerprint, "actpass").OfferAgain(_description), cancellationToken);
        Take(await page.DescribeAgainAsync(offer: false, cancellationToken));
    }

    private async Task AnswerAsync(CancellationToken cancellationToken)
    {
        string offer = await page.DescribeAgainAsync(offer: true, cancellationToken);
        await GatherAgainAsync(cancellationToken);
        await page.SetRemoteAsync(offer: false, new SessionText(agent, fingerprint, "passive").Answer(offer), cancellationToken);
        Take(offer);
    }

    private async Task GatherAgainAsync(CancellationToken cancellationToken)
    {
        _ = await agent.RestartAsync(cancellationToken);
        await foreach (IceCandidate _ in agent.GatherAsync(cancellationToken))
        {
            // All of them go into one description.
        }
    }

    private void Take(string description)
    {
        _description = description;
        IceSdp sdp = IceSdp.Parse(description);
        agent.SetRemoteParameters(sdp.GetParameters(sdp.Media[0], out string? problem) ?? throw new InvalidOperationException(problem));
        foreach (IceCandidate candidate in sdp.Media[0].Candidates)
            agent.AddRemoteCandidate(candidate);
        agent.AddRemoteCandidate(null);
    }

    private async Task ExpectAllAsync(long expected, int sent, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_again);
        long counted = 0;
        for (int i = 0; i < Attempts; i++)
        {
            counted = (await page.ReadTransportAsync(cancellationToken)).PacketsReceived;
            if (counted >= expected)
                return;
            _ = await timer.WaitForNextTickAsync(cancellationToken);
        }

        throw new InvalidOperationException($"{expected - counted} of the {sent} datagrams that were sent to the browser did not arrive");
    }
}
