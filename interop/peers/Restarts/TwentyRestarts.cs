using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Ice;
using Interop;

namespace PeersInterop;

/// <summary>
/// Twenty restarts in a row, begun by the two sides in turn, while numbered datagrams flow both ways. The network loses nothing, and the old
/// pair works until the new one is there (RFC 8445 §9): so not one may be missing, but for those that a peer is sent after it has closed its
/// end of the old pair. Afterwards our agent holds what it held before, and nothing once it is closed.
/// </summary>
internal sealed class TwentyRestarts
{
    private const int Count = 20;
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_interval = TimeSpan.FromMilliseconds(2);

    // As many datagrams as this have to flow over each pair before the next restart.
    private const int BetweenRestarts = 50;

    private readonly CaseContext _context;
    private readonly PeerProcess _theirs;
    private readonly OurAgent _ours;
    private readonly HashSet<int> _hopelessOfOurs = [];
    private readonly HashSet<int> _hopelessOfTheirs = [];
    private int _sentByUs;
    private int _sentByThem;

    private TwentyRestarts(CaseContext context, OurAgent ours)
    {
        _context = context;
        _ours = ours;
        _theirs = context.StartTheirs(Hosts.B, new JsonObject { ["role"] = "controlled", ["trickle"] = true, ["ipv6"] = false });
    }

    private CancellationToken Cancellation => _context.Cancellation;

    /// <summary>Does it; the remark tells how many datagrams flowed.</summary>
    public static async Task<string?> RunAsync(CaseContext context)
    {
        await Lab.JoinAsync();
        Resources before = await Resources.CountAsync(static _ => true, context.Cancellation);
        string remark;
        await using (var ours = new OurAgent(controlling: true))
            remark = await new TwentyRestarts(context, ours).RunAsync();
        Resources after = await Resources.CountAsync(count => count.IsAtMost(before), context.Cancellation);
        Check.That(after.IsAtMost(before), $"after closing there are {after}, before the agent was made there were {before}: {Resources.DescribeTasks()}");
        return remark;
    }

    private async Task<string> RunAsync()
    {
        await _theirs.WaitAsync("local", s_limit, Cancellation);
        await ConnectAsync();
        Resources before = await Resources.CountAsync(static _ => true, Cancellation);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        Task sending = Task.WhenAll(SendOursAsync(stop.Token), SendTheirsAsync(stop.Token));
        for (int i = 0; i < Count; i++)
        {
            await FlowAsync(BetweenRestarts);
            await RestartAsync(weOffer: i % 2 == 0);
        }

        await FlowAsync(BetweenRestarts);
        await stop.CancelAsync();
        await sending;
        await ExpectAllAsync();
        Resources after = await Resources.CountAsync(count => count.IsAtMost(before), Cancellation);
        Check.That(after.IsAtMost(before), $"after {Count} restarts there are {after}, before there were {before}: {Resources.DescribeTasks()}");
        int closed = Missing(_ours.Received, _sentByThem, []).Length + Missing(CameToThem(), _sentByUs, []).Length;
        string lost = closed == 0 ? "none lost" : $"{closed} lost while {_theirs.Name} had closed its old pair, no other";
        return $"{_sentByUs} and {_sentByThem} datagrams, {lost}; {before} before and {after} after";
    }

    private async Task ConnectAsync()
    {
        Task pair = _ours.ExpectPair();
        int mark = 0;
        _ours.Agent.StartGathering();
        await _theirs.SendAsync("gather");
        await SignalAsync(mark);
        await pair.WaitAsync(s_limit, Cancellation);
        await _theirs.WaitAsync("connection", l => l.IsState("connected", "completed"), s_limit, Cancellation, mark);
    }

    private async Task RestartAsync(bool weOffer)
    {
        Task pair = _ours.ExpectPair();
        int mark = _theirs.Mark;
        // Which side begins shows in who has its new credentials first; the other restarts when it hears of them (RFC 8445 §9).
        if (weOffer)
            await _ours.Agent.RestartAsync(Cancellation);
        (int fromOurs, int fromTheirs) = (Volatile.Read(ref _sentByUs), Volatile.Read(ref _sentByThem));
        await _theirs.SendAsync("restart");
        await _theirs.WaitAsync("local", s_limit, Cancellation, mark);
        if (!weOffer)
            await _ours.Agent.RestartAsync(Cancellation);
        await SignalAsync(mark);
        await WaitAsync(pair, "no new pair on our side");
        if (_context.Kind.KeepsOldPair)
            return;
        // What was sent before the peer restarted may have come too late for it, or left it too late.
        _hopelessOfOurs.UnionWith(Enumerable.Range(fromOurs - 1, Volatile.Read(ref _sentByUs) - fromOurs + 2));
        _hopelessOfTheirs.UnionWith(Enumerable.Range(fromTheirs - 1, Volatile.Read(ref _sentByThem) - fromTheirs + 2));
    }

    private async Task SignalAsync(int mark)
    {
        PeerLine local = await _theirs.WaitAsync("local", s_limit, Cancellation, mark);
        IceParameters parameters = _ours.Agent.LocalParameters;
        await _theirs.SendAsync(new JsonObject
        {
            ["cmd"] = "remote",
            ["ufrag"] = parameters.UsernameFragment,
            ["pwd"] = parameters.Password,
            ["candidates"] = new JsonArray(),
            ["end"] = false,
        });
        _ours.Agent.SetRemoteParameters(new IceParameters(local.Text("ufrag"), local.Text("pwd")));
        await foreach (IceCandidate candidate in _ours.CandidatesAsync())
            await _theirs.SendAsync(new JsonObject { ["cmd"] = "candidate", ["candidate"] = candidate.ToString() });
        await _theirs.SendAsync("end");
        PeerLine end = await _theirs.WaitAsync("gathered", s_limit, Cancellation, mark);
        foreach (PeerLine line in _theirs.Lines(mark).Where(l => l.Event == "candidate" && l.Index < end.Index))
            _ours.Agent.AddRemoteCandidate(line.Text("candidate"));
        _ours.Agent.AddRemoteCandidate((IceCandidate?)null);
    }

    private async Task SendOursAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_interval);
        while (await TickAsync(timer, stop))
        {
            int number = _sentByUs;
            Check.That(_ours.Agent.TrySend(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture))), $"our agent refused datagram {number}");
            Volatile.Write(ref _sentByUs, number + 1);
        }
    }

    private async Task SendTheirsAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(s_interval);
        while (await TickAsync(timer, stop))
        {
            await _theirs.SendDataAsync(_sentByThem.ToString(CultureInfo.InvariantCulture));
            Volatile.Write(ref _sentByThem, _sentByThem + 1);
        }
    }

    private static async Task<bool> TickAsync(PeriodicTimer timer, CancellationToken stop)
    {
        try
        {
            return await timer.WaitForNextTickAsync(stop);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    // Until so many more have come in each direction.
    private async Task FlowAsync(int more)
    {
        int ours = _ours.Received.Count + more;
        int theirs = CameToThem().Count + more;
        using var timer = new PeriodicTimer(s_interval);
        for (TimeSpan end = PeerProcess.Now + s_limit; _ours.Received.Count < ours || CameToThem().Count < theirs;)
        {
            Check.That(PeerProcess.Now < end, $"no data: {_ours.Received.Count} of {_sentByThem} came to us, {CameToThem().Count} of {_sentByUs} to {_theirs.Name}");
            _ = await timer.WaitForNextTickAsync(Cancellation);
        }
    }

    private async Task ExpectAllAsync()
    {
        using var timer = new PeriodicTimer(s_interval);
        for (TimeSpan end = PeerProcess.Now + s_limit; Missing(_ours.Received, _sentByThem, _hopelessOfTheirs).Length + Missing(CameToThem(), _sentByUs, _hopelessOfOurs).Length > 0;)
        {
            Check.That(
                PeerProcess.Now < end,
                $"lost on the way to us: {Describe(Missing(_ours.Received, _sentByThem, _hopelessOfTheirs))}, to {_theirs.Name}: {Describe(Missing(CameToThem(), _sentByUs, _hopelessOfOurs))}{Refusals()}");
            _ = await timer.WaitForNextTickAsync(Cancellation);
        }
    }

    private static int[] Missing(IReadOnlySet<int> came, int sent, HashSet<int> hopeless) =>
        [.. Enumerable.Range(0, sent).Where(number => !came.Contains(number) && !hopeless.Contains(number))];

    private static string Describe(int[] missing) =>
        missing.Length == 0 ? "none" : $"{missing.Length} (number {string.Join(", ", missing.Take(5))}{(missing.Length > 5 ? ", ..." : "")})";

    // What the peer refused to send was not sent.
    private string Refusals()
    {
        PeerLine[] errors = [.. _theirs.Lines().Where(l => l.Event == "error")];
        return errors.Length == 0 ? "" : $"; {_theirs.Name} says {errors.Length} times: {errors[0].Text("message")}";
    }

    private HashSet<int> CameToThem() =>
        [.. _theirs.Lines().Where(l => l.Event == "data").Select(l => int.TryParse(l.Text("text"), out int number) ? number : -1).Where(number => number >= 0)];

    private async Task WaitAsync(Task task, string what)
    {
        try
        {
            await task.WaitAsync(s_limit, Cancellation);
        }
        catch (TimeoutException)
        {
            throw new CaseFailedException($"{what} within {s_limit.TotalSeconds:0} s: state {_ours.Agent.State}");
        }
    }
}
