using Stun;

namespace PeersInterop;

/// <summary>What shows only after a while: they mostly wait, so that they run beside each other.</summary>
internal static class LongCases
{
    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(2);

    // RFC 7675 §5.1: "if a valid STUN binding response has not been received from the remote peer's transport address in 30 seconds, the
    // endpoint MUST cease transmission on that 5-tuple."
    private static readonly TimeSpan s_consent = TimeSpan.FromSeconds(30);

    // What the wire's clock and ours may differ by, and what a busy machine may take.
    private static readonly TimeSpan s_early = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan s_late = TimeSpan.FromSeconds(2);

    public static IEnumerable<InteropCase> All =>
    [
        new("consent", "the peer is killed: ours fails 30 s after its last answer, and sends nothing more", ConsentAsync) { Long = true },
        new("recovery", "the peer is killed, consent expires, and a restart towards a new peer connects again", RecoveryAsync) { Long = true },
        new("idle", "after two minutes without data the pair still carries it both ways", IdleAsync) { Long = true },
    ];

    private static async Task<string?> ConsentAsync(CaseContext context)
    {
        Call call = await Call.ConnectAsync(context, new CallPlan());
        await DataProof.BothWaysAsync(call);
        PeerLine failed = await LoseAsync(call);
        SelectedPair pair = call.OurPair ?? throw new CaseFailedException("ours told no pair");
        TimeSpan answered = context.Wire.AnswersTo(context.Wire.ChecksOf(call.OurFragment, call.TheirFragment)).Last(d => d.Stun!.Class == StunClass.SuccessResponse).At;
        TimeSpan after = failed.At - answered;
        Check.That(after >= s_consent - s_early, $"consent was given up {after.TotalSeconds:0.0} s after the last answer");
        Check.That(after <= s_consent + s_late, $"consent was given up only {after.TotalSeconds:0.0} s after the last answer");
        await ExpectSilenceAsync(context, call, pair);
        return $"{after.TotalSeconds:0.0} s after the last answer";
    }

    private static async Task<string?> RecoveryAsync(CaseContext context)
    {
        Call call = await Call.ConnectAsync(context, new CallPlan());
        await DataProof.BothWaysAsync(call);
        await LoseAsync(call);
        TimeSpan start = PeerProcess.Now;
        Call again = await call.RestartTowardsFreshPeerAsync();
        await DataProof.BothWaysAsync(again);
        return $"restarted in {(PeerProcess.Now - start).TotalSeconds:0.0} s";
    }

    private static async Task<string?> IdleAsync(CaseContext context)
    {
        Call call = await Call.ConnectAsync(context, new CallPlan());
        await DataProof.BothWaysAsync(call);
        int ours = call.Ours.Mark;
        int theirs = call.Theirs.Mark;
        using (var timer = new PeriodicTimer(s_idle))
            await timer.WaitForNextTickAsync(context.Cancellation);
        foreach (PeerLine line in (PeerLine[])[.. call.Ours.Lines(ours), .. call.Theirs.Lines(theirs)])
            Check.That(!line.IsState("disconnected", "failed", "closed"), $"a side became {line.Text("state")} while both were idle");
        call.RenewDataMark();
        await DataProof.BothWaysAsync(call);
        return null;
    }

    private static async Task<PeerLine> LoseAsync(Call call)
    {
        int mark = call.Ours.Mark;
        call.Theirs.Kill();
        return await call.Ours.WaitAsync("failure", l => l.IsState("failed"), s_consent + s_late + s_late, call.Cancellation, mark);
    }

    // Although the application goes on sending.
    private static async Task ExpectSilenceAsync(CaseContext context, Call call, SelectedPair pair)
    {
        TimeSpan expired = PeerProcess.Now;
        int mark = call.Ours.Mark;
        await call.Ours.SendDataAsync("too late");
        await call.Ours.WaitAsync("error", s_late, context.Cancellation, mark);
        var local = TransportAddress.Parse(pair.Local.Address, pair.Local.Port);
        Check.That(context.Wire.Find(d => d.At > expired && d.From == local).Count == 0, "ours goes on sending without consent");
    }
}
