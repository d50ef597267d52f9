namespace IceTool.Bridge;

/// <summary>A folder that both sides see (a share, or one that something copies): the files <c>offer</c> and <c>answer</c>; who reads one removes it.</summary>
internal sealed class FolderSignaling(string folder, IBridgeReport report, TimeProvider time) : IBridgeSignaling
{
    // No watcher: a share tells of changes on this machine only, if at all.
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(200);

    private string? _ours;

    public async Task SendAsync(SignalText ours, CancellationToken cancellationToken)
    {
        string name = NameOf(ours.IsOffer);
        string path = Path.Combine(folder, name);
        string unfinished = path + ".part";
        try
        {
            Directory.CreateDirectory(folder);
            // An answer from before is not one to this offer.
            if (ours.IsOffer)
                File.Delete(Path.Combine(folder, NameOf(offer: false)));
            await File.WriteAllTextAsync(unfinished, ours.Encode() + "\n", cancellationToken).ConfigureAwait(false);
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BridgeException($"The {name} cannot be written to {folder}: {exception.Message} Is the folder there, and may you write to it?");
        }

        _ours = path;
        report.Written(path);
    }

    public async Task<SignalText> ReceiveAsync(bool offer, Action<SignalText> accepts, CancellationToken cancellationToken)
    {
        string path = Path.Combine(folder, NameOf(offer));
        report.Wait($"the other side's {NameOf(offer)} in {path}");
        string line = await PollAsync(() => TryTake(path), cancellationToken).ConfigureAwait(false);
        try
        {
            SignalText theirs = SignalText.Decode(line, offer);
            accepts(theirs);
            return theirs;
        }
        catch (FormatException exception)
        {
            throw new BridgeException($"{path}: {exception.Message}");
        }
    }

    public async Task WaitUntilTakenAsync(CancellationToken cancellationToken)
    {
        report.Wait("the other side to take the answer");
        _ = await PollAsync(() => File.Exists(_ours) ? null : "", cancellationToken).ConfigureAwait(false);
    }

    private static string NameOf(bool offer) => offer ? "offer" : "answer";

    private static string? TryTake(string path)
    {
        try
        {
            string line = File.ReadAllText(path);
            // Not at its end yet where something copies it.
            if (!line.EndsWith('\n'))
                return null;
            File.Delete(path);
            return line;
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BridgeException($"{path} cannot be taken: {exception.Message}");
        }
    }

    private async Task<string> PollAsync(Func<string?> look, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(s_pause, time);
        try
        {
            while (true)
            {
                if (look() is { } found)
                    return found;
                _ = await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            Withdraw();
            throw;
        }
    }

    // What nobody has taken yet is of no use any more.
    private void Withdraw()
    {
        try
        {
            if (_ours is not null)
                File.Delete(_ours);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            report.Problem($"{_ours} is left behind: {exception.Message}");
        }
    }
}
