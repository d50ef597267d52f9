using System.Text.Json;

namespace PeersInterop;

/// <summary>ICE restarts while data flows.</summary>
internal static class RestartCases
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);

    public static IEnumerable<InteropCase> All =>
    [
        new("restart-ours", "ours restarts while data flows: the old pair carries it until the new one does", c => RestartAsync(c, weRestart: true)) { Needs = [Need.Restart], Ci = true },
        new("restart-theirs", "the peer restarts while data flows", c => RestartAsync(c, weRestart: false)) { Needs = [Need.Restart] },
    ];

    private static async Task<string?> RestartAsync(CaseContext context, bool weRestart)
    {
        Call call = await Call.ConnectAsync(context, new CallPlan());
        await DataProof.BothWaysAsync(call);
        string before = call.OurFragment;
        await using var ours = new DataFlow(call.Ours, call.Theirs);
        await using DataFlow? theirs = call.Kind.FullStack ? null : new DataFlow(call.Theirs, call.Ours);
        int errors = call.Ours.Lines().Count(l => l.Event == "error");
        await call.RestartAsync(weRestart);
        await DataProof.BothWaysAsync(call);
        await ours.StopAsync();
        if (theirs is not null)
            await theirs.StopAsync();
        Check.That(call.OurFragment != before, "our credentials are those from before the restart");
        Check.That(call.Ours.Lines().Count(l => l.Event == "error") == errors, $"ours could not send: {call.Ours.Last("error")?.Text("message")}");
        await ExpectDataOnNewPairAsync(call);
        return call.Kind.FullStack ? null : $"lost of {ours.Sent} and {theirs!.Sent} datagrams: {ours.Lost} of ours, {theirs.Lost} of the peer's";
    }

    private static async Task ExpectDataOnNewPairAsync(Call call)
    {
        int mark = call.Ours.Mark;
        await call.Ours.SendAsync("stats");
        JsonElement stats = (await call.Ours.WaitAsync("stats", s_limit, call.Cancellation, mark)).Json;
        Check.That(stats.GetProperty("iceLocalUsernameFragment").GetString() == call.OurFragment, "the statistics tell the credentials from before the restart");
        JsonElement pair = stats.GetProperty("candidatePairs").EnumerateArray().FirstOrDefault(p => p.GetProperty("selected").GetBoolean());
        Check.That(pair.ValueKind == JsonValueKind.Object, "no pair is selected after the restart");
        Check.That(pair.GetProperty("packetsSent").GetInt64() > 0 && pair.GetProperty("packetsReceived").GetInt64() > 0, "no data went over the pair of the new generation");
    }
}
