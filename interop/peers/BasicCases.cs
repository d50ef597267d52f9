namespace PeersInterop;

/// <summary>Who offers, and is controlling.</summary>
internal static class BasicCases
{
    public static IEnumerable<InteropCase> All =>
    [
        new("we-control", "ours offers and is controlling", c => ConnectAsync(c, new CallPlan { WeOffer = true })) { Ci = true },
        new("they-control", "the peer offers and is controlling", c => ConnectAsync(c, new CallPlan { WeOffer = false })) { Ci = true },
    ];

    /// <summary>Connects and shows that data flows; returns nothing to remark.</summary>
    public static async Task<string?> ConnectAsync(CaseContext context, CallPlan plan)
    {
        Call call = await Call.ConnectAsync(context, plan);
        await DataProof.BothWaysAsync(call);
        return null;
    }
}
