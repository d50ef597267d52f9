namespace PeersInterop;

/// <summary>Shows that datagrams of the application go both ways.</summary>
internal static class DataProof
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(200);

    // A stack in its DTLS handshake repeats its ClientHello after up to a minute.
    private static readonly TimeSpan s_handshakeLimit = TimeSpan.FromSeconds(65);

    private static int s_number;

    public static Task BothWaysAsync(Call call) => Task.WhenAll(ToThemAsync(call), ToUsAsync(call));

    private static Task ToThemAsync(Call call) => call.Kind.FullStack ? ToFullStackAsync(call) : AcrossAsync(call.Ours, call.Theirs, call.Cancellation);

    private static Task ToUsAsync(Call call) => call.Kind.FullStack ? FromFullStackAsync(call) : AcrossAsync(call.Theirs, call.Ours, call.Cancellation);

    // A datagram may be lost, and the other side may not be ready for it: it is sent again until it is there.
    private static async Task AcrossAsync(PeerProcess from, PeerProcess to, CancellationToken cancellationToken)
    {
        string text = $"from {from.Name} number {Interlocked.Increment(ref s_number)}";
        int mark = to.Mark;
        using var arrived = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task sending = RepeatAsync(() => from.SendDataAsync(text), arrived.Token);
        try
        {
            await to.WaitAsync($"datagram '{text}'", l => l.Event == "data" && l.Text("text") == text, s_limit, cancellationToken, mark);
        }
        finally
        {
            await arrived.CancelAsync();
            await sending;
        }
    }

    // What is no DTLS never reaches the page. The stack counts it all the same on the pair that it came over.
    private static async Task ToFullStackAsync(Call call)
    {
        long before = (await AskAsync(call)).Number("received");
        using var arrived = CancellationTokenSource.CreateLinkedTokenSource(call.Cancellation);
        Task sending = RepeatAsync(() => call.Ours.SendDataAsync("for the counters"), arrived.Token);
        try
        {
            TimeSpan end = PeerProcess.Now + s_limit;
            while ((await AskAsync(call)).Number("received") <= before)
                Check.That(PeerProcess.Now < end, $"{call.Theirs.Name} counts no datagram on its selected pair");
        }
        finally
        {
            await arrived.CancelAsync();
            await sending;
        }
    }

    private static Task<PeerLine> FromFullStackAsync(Call call) => call.Ours.WaitAsync("DTLS", l => l.Event == "data" && l.Text("hex").StartsWith("16fe", StringComparison.Ordinal), s_handshakeLimit, call.Cancellation, call.DataMark);

    private static async Task<PeerLine> AskAsync(Call call)
    {
        int mark = call.Theirs.Mark;
        await call.Theirs.SendAsync("stats");
        return await call.Theirs.WaitAsync("stats", s_limit, call.Cancellation, mark);
    }

    private static async Task RepeatAsync(Func<Task> send, CancellationToken end)
    {
        using var timer = new PeriodicTimer(s_again);
        try
        {
            do
            {
                await send();
            }
            while (await timer.WaitForNextTickAsync(end));
        }
        catch (OperationCanceledException)
        {
            // It has arrived.
        }
    }
}
