namespace IceTool.Bridge;

/// <summary>Copy and paste: our line on the output, the other side's from the input.</summary>
internal sealed class LineSignaling(TextReader input, IBridgeReport report) : IBridgeSignaling
{
    private bool _ended;

    public Task SendAsync(SignalText ours, CancellationToken cancellationToken)
    {
        report.Line(ours.IsOffer, ours.Encode());
        return Task.CompletedTask;
    }

    public async Task<SignalText> ReceiveAsync(bool offer, Action<SignalText> accepts, CancellationToken cancellationToken)
    {
        report.Wait(offer ? "the other side's line: paste it here" : "the other side's answer: give it the line above, and paste what it prints here");
        while (await ReadLineAsync(cancellationToken).ConfigureAwait(false) is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            try
            {
                SignalText theirs = SignalText.Decode(line, offer);
                accepts(theirs);
                return theirs;
            }
            catch (FormatException exception)
            {
                report.Problem(exception.Message);
            }
        }

        throw new BridgeException($"The input ended before the other side's line ({SignalText.PrefixOf(offer)}...) came. Keep the input open and paste it, or use --signal-dir.");
    }

    public async Task WaitUntilTakenAsync(CancellationToken cancellationToken)
    {
        if (_ended)
            return;
        report.Wait("the other side: give it the line above, then press Enter here");
        _ = await ReadLineAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        string? line = await input.ReadLineAsync(cancellationToken).AsTask().WaitAsync(cancellationToken).ConfigureAwait(false);
        _ended |= line is null;
        return line;
    }
}
