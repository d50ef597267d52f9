using System.Text.Json;

namespace PeersInterop;

/// <summary>ICE restarts while data flows.</summary>
internal static class RestartCases
{
    // Before the restart, and after it.
    private const int Datagrams = 30;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(65);

    public static IEnumerable<InteropCase> All =>
    [
        new("restart-ours", "ours restarts while data flows: the old pair carries it until the new one does", c => RestartAsync(c, weRestart: true)) { Needs = [Need.Restart], Ci = true },
        new("restart-theirs", "the peer restarts while data flows", c => RestartAsync(c, weRestart: false)) { Needs = [Need.Restart] },
        new("restarts-20", "20 restarts in a row under data: nothing lost that the old pair could carry, nothing left behind", TwentyRestarts.RunAsync) { Needs = [Need.Restart, Need.PlainData], Alone = true, Ci = true },
    ];

    private static async Task<string?> RestartAsync(CaseContext context, bool weRestart)
    {
        Call call = await Call.ConnectAsync(context, new CallPlan());
        await DataProof.BothWaysAsync(call);
        string before = call.OurFragment;
        await using var ours = new DataFlow(call.Ours, call.Theirs);
        await using DataFlow? theirs = call.Kind.FullStack ? null : new DataFlow(call.Theirs, call.Ours);
        int errors = call.Ours.Lines().Count(l => l.Event == "error");
        await ours.SendMoreAsync(Datagrams, context.Cancellation);
        await call.RestartAsync(weRestart);
        await DataProof.BothWaysAsync(call);
        await ours.SendMoreAsync(Datagrams, context.Cancellation);
        await ours.StopAsync();
        if (theirs is not null)
            await theirs.StopAsync();
        Check.That(call.OurFragment != before, "our credentials are those from before the restart");
        Check.That(call.Ours.Lines().Count(l => l.Event == "error") == errors, $"ours could not send: {call.Ours.Last("error")?.Text("message")}");
        await ExpectDataOnNewPairAsync(call);
        if (theirs is null)
            return null;
        Check.That(!call.Kind.KeepsOldPair || ours.Lost + theirs.Lost == 0, $"{ours.Lost} of our {ours.Sent} and {theirs.Lost} of their {theirs.Sent} datagrams were lost");
        return $"{ours.Lost} of our {ours.Sent} and {theirs.Lost} of their {theirs.Sent} datagrams were lost";
    }

    // A full stack's next ClientHello may be some seconds away.
    private static async Task ExpectDataOnNewPairAsync(Call call)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        TimeSpan end = PeerProcess.Now + s_limit;
        while (true)
        {
            JsonElement pair = await call.AskForSelectedPairAsync();
            if (pair.GetProperty("packetsSent").GetInt64() > 0 && pair.GetProperty("packetsReceived").GetInt64() > 0)
                return;
            Check.That(PeerProcess.Now < end, "no data went both ways over the pair of the new generation");
            await timer.WaitForNextTickAsync(call.Cancellation);
        }
    }
}
