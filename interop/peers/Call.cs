using System.Text.Json;
using System.Text.Json.Nodes;

namespace PeersInterop;

/// <summary>Ours and theirs, connected with each other. The signaling is done here, as an offer and an answer would go.</summary>
internal sealed class Call
{
    public static readonly TimeSpan ConnectLimit = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan s_settleLimit = TimeSpan.FromSeconds(10);

    // A browser takes a while to start, more so when several start at once.
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_gatherLimit = TimeSpan.FromSeconds(15);

    private readonly CaseContext _context;
    private readonly CallPlan _plan;

    private Call(CaseContext context, CallPlan plan, PeerProcess ours, PeerProcess theirs)
    {
        _context = context;
        _plan = plan;
        Ours = ours;
        Theirs = theirs;
    }

    public PeerProcess Ours { get; }

    public PeerProcess Theirs { get; }

    public PeerKind Kind => _context.Kind;

    public CancellationToken Cancellation => _context.Cancellation;

    /// <summary>From the first word of the signaling to both sides connected.</summary>
    public TimeSpan ConnectTime { get; private set; }

    /// <summary>Where in our lines the data of the present generation begins.</summary>
    public int DataMark { get; private set; }

    /// <summary>Our selected pair; null before it is told, which is a little later than that we are connected.</summary>
    public SelectedPair? OurPair => Ours.Last("pair") is { } line ? SelectedPair.Of(line) : null;

    /// <summary>Our statistics of the pair that carries data now, which has to be of the present generation.</summary>
    public async Task<JsonElement> AskForSelectedPairAsync()
    {
        int mark = Ours.Mark;
        await Ours.SendAsync("stats");
        JsonElement stats = (await Ours.WaitAsync("stats", s_settleLimit, Cancellation, mark)).Json;
        Check.That(stats.GetProperty("iceLocalUsernameFragment").GetString() == OurFragment, "our statistics tell credentials of another generation");
        JsonElement pair = stats.GetProperty("candidatePairs").EnumerateArray().FirstOrDefault(p => p.GetProperty("selected").GetBoolean());
        Check.That(pair.ValueKind == JsonValueKind.Object, "our statistics have no selected pair");
        return pair;
    }

    /// <summary>Waits until our selected pair is as it has to be: either side may still move from its first, and what began as peer reflexive
    /// becomes the candidate that the peer told.</summary>
    public async Task ExpectPairAsync(string what, Func<SelectedPair, bool> holds)
    {
        TimeSpan end = PeerProcess.Now + s_settleLimit;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            string remote = (await AskForSelectedPairAsync()).GetProperty("remote").GetString()!;
            SelectedPair? pair = OurPair is { } told ? told with { Remote = PairEnd.Parse(remote) } : null;
            if (pair is not null && holds(pair))
                return;
            Check.That(PeerProcess.Now < end, $"the pair is not {what}: {pair?.ToString() ?? "none"}");
            await timer.WaitForNextTickAsync(Cancellation);
        }
    }

    /// <summary>Our username fragment of the present generation.</summary>
    public string OurFragment => Ours.Last("local")!.Text("ufrag");

    /// <summary>Theirs.</summary>
    public string TheirFragment => Theirs.Last("local")!.Text("ufrag");

    /// <summary>Waits until both sides tell the same pair.</summary>
    public async Task ExpectAgreementAsync()
    {
        TimeSpan end = PeerProcess.Now + s_settleLimit;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (true)
        {
            SelectedPair? theirs = Theirs.Last("pair") is { } line ? SelectedPair.Of(line) : null;
            SelectedPair? ours = OurPair;
            if (theirs is not null && ours is not null && ours.Mirrors(theirs))
                return;
            Check.That(PeerProcess.Now < end, $"the sides disagree: ours selected {ours?.ToString() ?? "nothing"}, {Theirs.Name} {theirs?.ToString() ?? "nothing"}");
            await timer.WaitForNextTickAsync(Cancellation);
        }
    }

    /// <summary>Starts both programs and lets them connect.</summary>
    public static async Task<Call> ConnectAsync(CaseContext context, CallPlan plan)
    {
        var call = new Call(context, plan, context.StartOurs(plan.OurHost, plan.OurConfig), context.StartTheirs(plan.TheirHost, plan.TheirConfig));
        await call.Ours.WaitAsync("local", s_startLimit, call.Cancellation);
        await call.Theirs.WaitAsync(call.Kind.FullStack ? "ready" : "local", s_startLimit, call.Cancellation);
        TimeSpan start = PeerProcess.Now;
        await call.SignalAsync(plan.WeOffer, "gather", plan.OffererTrickles, plan.AnswererTrickles);
        PeerLine ours = await call.WaitForStateAsync(call.Ours);
        PeerLine theirs = await call.WaitForStateAsync(call.Theirs);
        call.ConnectTime = (ours.At > theirs.At ? ours.At : theirs.At) - start;
        return call;
    }

    /// <summary>Lets only data from now on count.</summary>
    public void RenewDataMark() => DataMark = Ours.Mark;

    /// <summary>Restarts ICE, begun by ours or by theirs, with trickling on both sides, until ours has a pair of the new generation.</summary>
    public async Task RestartAsync(bool weOffer)
    {
        int mark = Ours.Mark;
        await SignalAsync(weOffer, "restart", offererTrickles: true, answererTrickles: true);
        await Ours.WaitAsync("pair", ConnectLimit, Cancellation, mark);
        RenewDataMark();
    }

    /// <summary>The same call with another peer of the kind, freshly started, in place of theirs that is gone: ours restarts towards it.</summary>
    public async Task<Call> RestartTowardsFreshPeerAsync()
    {
        var next = new Call(_context, _plan, Ours, _context.StartTheirs(_plan.TheirHost, (_plan with { WeOffer = true }).TheirConfig));
        await next.Theirs.WaitAsync(Kind.FullStack ? "ready" : "local", s_startLimit, Cancellation);
        int mark = Ours.Mark;
        await next.SignalAsync(weOffer: true, "restart", offererTrickles: true, answererTrickles: true, fresh: true);
        await Ours.WaitAsync("pair", ConnectLimit, Cancellation, mark);
        next.RenewDataMark();
        await next.WaitForStateAsync(next.Theirs);
        return next;
    }

    private Task<PeerLine> WaitForStateAsync(PeerProcess peer) => peer.WaitAsync("connection", l => l.IsState("failed")
        ? throw new CaseFailedException($"{peer.Name} failed: {l.Text("reason")}")
        : l.IsState("connected", "completed"), ConnectLimit, Cancellation);

    private async Task SignalAsync(bool weOffer, string begin, bool offererTrickles, bool answererTrickles, bool fresh = false)
    {
        (PeerProcess offerer, PeerProcess answerer) = weOffer ? (Ours, Theirs) : (Theirs, Ours);
        // What was said before a restart is of the generation before; credentials may be told before they are asked for.
        int fromOfferer = begin == "restart" ? offerer.Mark : 0;
        int fromAnswerer = begin == "restart" && !fresh ? answerer.Mark : 0;
        await offerer.SendAsync(begin);
        // A full stack gathers when it makes its answer.
        if (answerer == Ours || !Kind.FullStack)
            await answerer.SendAsync(fresh ? "gather" : begin);
        await DescribeAsync(offerer, fromOfferer, answerer, !offererTrickles);
        await DescribeAsync(answerer, fromAnswerer, offerer, !answererTrickles);
    }

    // Tells one side about the other: at once with all candidates, or without any and each candidate as it comes.
    private async Task DescribeAsync(PeerProcess from, int mark, PeerProcess to, bool whole)
    {
        PeerLine local = await from.WaitAsync("local", s_gatherLimit, Cancellation, mark);
        if (whole)
            await from.WaitAsync("gathered", s_gatherLimit, Cancellation, mark);
        IEnumerable<JsonNode?> candidates = whole ? from.Lines(mark).Where(l => l.Event == "candidate").Select(l => (JsonNode?)l.Text("candidate")) : [];
        await to.SendAsync(new JsonObject
        {
            ["cmd"] = "remote",
            ["ufrag"] = local.Text("ufrag"),
            ["pwd"] = local.Text("pwd"),
            ["lite"] = from == Ours && _plan.Ours["lite"] is { } lite && (bool)lite,
            ["candidates"] = new JsonArray([.. candidates]),
            ["end"] = whole,
        });
        if (!whole)
            _ = TrickleAsync(from, mark, to);
    }

    private async Task TrickleAsync(PeerProcess from, int next, PeerProcess to)
    {
        while (await from.WaitForMoreAsync(next, Cancellation))
        {
            foreach (PeerLine line in from.Lines(next))
            {
                next = line.Index + 1;
                if (line.Event == "candidate")
                    await to.SendAsync(new JsonObject { ["cmd"] = "candidate", ["candidate"] = line.Text("candidate") });
                if (line.Event != "gathered")
                    continue;
                await to.SendAsync("end");
                return;
            }
        }
    }
}
