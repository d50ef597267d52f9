namespace PeersInterop;

/// <summary>Who offers and who is controlling.</summary>
internal static class RoleCases
{
    // A check that keeps consent comes every five seconds, and carries the role too.
    private static readonly TimeSpan s_agreementLimit = TimeSpan.FromSeconds(10);

    public static IEnumerable<InteropCase> All =>
    [
        new("we-control", "ours offers and is controlling", c => ConnectAsync(c, new CallPlan())) { Ci = true },
        new("they-control", "the peer offers and is controlling", c => ConnectAsync(c, new CallPlan { WeOffer = false })) { Ci = true },
        new("both-controlling", "both begin as controlling; in the end the one with the larger tie-breaker is", c => ConflictAsync(c, new CallPlan { WeOffer = false, OurRole = "controlling" }))
        {
            Needs = [Need.RoleConflict],
            Ci = true,
        },
        new("both-controlled", "both begin as controlled; in the end the one with the larger tie-breaker is controlling", c => ConflictAsync(c, new CallPlan { TheirRole = "controlled", OurRole = "controlled" }))
        {
            Needs = [Need.RoleConflict],
        },
    ];

    private static async Task<string?> ConnectAsync(CaseContext context, CallPlan plan)
    {
        // With one pair there is nothing to disagree about.
        if (!plan.WeOffer && !context.Kind.SelectsBestNominated)
            plan = plan with { OurHost = Hosts.A4, TheirHost = Hosts.B4 };
        Call call = await Call.ConnectAsync(context, plan);
        await DataProof.BothWaysAsync(call);
        await call.ExpectAgreementAsync();
        WireStun check = context.Wire.ChecksOf(call.OurFragment, call.TheirFragment)[0].Stun!;
        Check.That(check.Role == (plan.WeOffer ? "controlling" : "controlled"), $"our first check says {check.Role}");
        return null;
    }

    private static async Task<string?> ConflictAsync(CaseContext context, CallPlan plan)
    {
        Call call = await Call.ConnectAsync(context, plan);
        await DataProof.BothWaysAsync(call);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        TimeSpan end = PeerProcess.Now + s_agreementLimit;
        while (true)
        {
            IReadOnlyList<WireDatagram> ours = context.Wire.ChecksOf(call.OurFragment, call.TheirFragment);
            IReadOnlyList<WireDatagram> theirs = context.Wire.ChecksOf(call.TheirFragment, call.OurFragment);
            if (ours.Count > 0 && theirs.Count > 0 && ours[^1].Stun!.Role != theirs[^1].Stun!.Role)
                return Judge(context.Wire, ours, theirs);
            Check.That(PeerProcess.Now < end, $"the last checks of both sides say {(ours.Count > 0 ? ours[^1].Stun!.Role : "nothing")}");
            await timer.WaitForNextTickAsync(context.Cancellation);
        }
    }

    // The first checks count: a side that a 487 has made change its role changes its tie-breaker with it.
    private static string Judge(Wire wire, IReadOnlyList<WireDatagram> ours, IReadOnlyList<WireDatagram> theirs)
    {
        bool weControl = ours[^1].Stun!.Role == "controlling";
        Check.That(weControl == ours[0].Stun!.TieBreaker > theirs[0].Stun!.TieBreaker, "the side with the smaller tie-breaker is controlling");
        int byUs = wire.AnswersTo(theirs).Count(a => a.Stun!.Error == 487);
        int byThem = wire.AnswersTo(ours).Count(a => a.Stun!.Error == 487);
        return $"{(weControl ? "ours" : "the peer")} is controlling in the end; 487: {byUs} by ours, {byThem} by the peer";
    }
}
