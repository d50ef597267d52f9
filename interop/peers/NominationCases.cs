using System.Text.Json.Nodes;
using Stun;

namespace PeersInterop;

/// <summary>How the controlling side nominates, as the wire shows it, and ours as a lite agent.</summary>
internal static class NominationCases
{
    public static IEnumerable<InteropCase> All =>
    [
        new("regular-ours", "ours is controlling and nominates a pair once its check has succeeded", c => OursAsync(c, "regular")),
        new("aggressive-ours", "ours is controlling and nominates with each check", c => OursAsync(c, "aggressive")),
        new("regular-theirs", "the peer is controlling and nominates a pair once its check has succeeded", c => TheirsAsync(c, "regular")) { Needs = [Need.RegularNomination] },
        new("aggressive-theirs", "the peer is controlling and nominates with each check", c => TheirsAsync(c, "aggressive")) { Needs = [Need.AggressiveNomination] },
        new("lite-ours", "ours is lite: it answers checks and sends none", LiteAsync) { Ci = true },
    ];

    private static async Task<string?> OursAsync(CaseContext context, string nomination)
    {
        Call call = await Call.ConnectAsync(context, new CallPlan { Ours = new JsonObject { ["nomination"] = nomination } });
        await DataProof.BothWaysAsync(call);
        ExpectNomination(context.Wire.ChecksOf(call.OurFragment, call.TheirFragment), nomination);
        return null;
    }

    private static async Task<string?> TheirsAsync(CaseContext context, string nomination)
    {
        Call call = await Call.ConnectAsync(context, new CallPlan { WeOffer = false, Theirs = new JsonObject { ["nomination"] = nomination } });
        await DataProof.BothWaysAsync(call);
        ExpectNomination(context.Wire.ChecksOf(call.TheirFragment, call.OurFragment), nomination);
        return null;
    }

    private static void ExpectNomination(IReadOnlyList<WireDatagram> checks, string nomination)
    {
        Check.That(checks.Any(c => c.Stun!.UseCandidate), "no check has USE-CANDIDATE");
        IEnumerable<WireDatagram> first = checks.GroupBy(c => (c.From, c.To)).Select(g => g.First());
        int nominating = first.Count(c => c.Stun!.UseCandidate);
        if (nomination == "regular")
            Check.That(nominating == 0, $"the first check of {nominating} pairs nominates already");
        else
            Check.That(checks[0].Stun!.UseCandidate, "the first check does not nominate");
    }

    private static async Task<string?> LiteAsync(CaseContext context)
    {
        Call call = await Call.ConnectAsync(context, new CallPlan { WeOffer = false, Ours = new JsonObject { ["lite"] = true } });
        await DataProof.BothWaysAsync(call);
        Check.That(context.Wire.ChecksOf(call.OurFragment, call.TheirFragment).Count == 0, "ours sent a check although it is lite");
        IReadOnlyList<WireDatagram> answers = context.Wire.AnswersTo(context.Wire.ChecksOf(call.TheirFragment, call.OurFragment));
        Check.That(answers.Any(a => a.Stun!.Class == StunClass.SuccessResponse), "ours answered no check");
        return null;
    }
}
