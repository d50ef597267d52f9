using System.Text.Json.Nodes;
using NatLab.Network;
using PeersInterop;

namespace NatLab.Agents;

/// <summary>An agent that is a program of its own: <c>ice peer</c>, a browser, or one of the others that speak its protocol.</summary>
/// <param name="name">What it is called in messages.</param>
/// <param name="host">Where it runs.</param>
/// <param name="command">The program.</param>
/// <param name="config">Its configuration.</param>
/// <param name="isBrowser">Whether it gathers for an answer only once it has the offer, and sends DTLS of its own instead of our data.</param>
internal sealed class ProgramParty(string name, Host host, IReadOnlyList<string> command, JsonObject config, bool isBrowser) : Party
{
    private static readonly TimeSpan s_startLimit = TimeSpan.FromSeconds(40);

    // A browser sends data over its first pair and may move to a better one.
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan s_dataInterval = TimeSpan.FromMilliseconds(200);

    private readonly PeerProcess _process = PeerProcess.Start(name, host.Name, command, config);

    public override string Name => $"{name} in {host.Name}";

    /// <summary>The program.</summary>
    public PeerProcess Process => _process;

    /// <summary>Our own <c>ice peer</c>.</summary>
    public static ProgramParty IcePeer(Programs programs, Host host, string role, JsonObject config)
    {
        config["role"] = role;
        return new ProgramParty("ice peer", host, programs.IcePeer, config, isBrowser: false);
    }

    /// <summary>A browser as it comes.</summary>
    public static ProgramParty Browser(string kind, IReadOnlyList<string> command, Host host, JsonObject config) => new(kind, host, command, config, isBrowser: true);

    public override async Task<Description> OfferAsync(CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        await _process.SendAsync("gather");
        return await DescribeAsync(cancellationToken);
    }

    public override async Task<Description> AnswerAsync(Description offer, CancellationToken cancellationToken)
    {
        await StartAsync(cancellationToken);
        if (isBrowser)
        {
            await _process.SendAsync(offer.ToCommand());
            return await DescribeAsync(cancellationToken);
        }

        await _process.SendAsync("gather");
        Description answer = await DescribeAsync(cancellationToken);
        await _process.SendAsync(offer.ToCommand());
        return answer;
    }

    public override Task AcceptAsync(Description answer, CancellationToken cancellationToken) => _process.SendAsync(answer.ToCommand());

    public override async Task<PairTypes> WaitUntilConnectedAsync(TimeSpan within, CancellationToken cancellationToken)
    {
        await _process.WaitAsync("connection", static l => l.IsState("failed") ? throw new CaseFailedException($"failed: {l.Text("reason")}") : l.IsState("connected", "completed"), within, cancellationToken);
        await _process.WaitAsync("pair", within, cancellationToken);
        if (isBrowser && LastPair.IsRelayed)
            await WaitForDirectAsync(cancellationToken);
        return LastPair;
    }

    public override async Task SendUntilAsync(Task arrived, CancellationToken cancellationToken)
    {
        if (isBrowser)
            return;
        using var timer = new PeriodicTimer(s_dataInterval);
        do
            await _process.SendDataAsync("data");
        while (!arrived.IsCompleted && await timer.WaitForNextTickAsync(cancellationToken));
    }

    // What is no DTLS never reaches a browser's page; it counts it all the same on the pair that it came over.
    public override async Task WaitForDataAsync(CancellationToken cancellationToken)
    {
        if (!isBrowser)
        {
            await _process.WaitAsync("data", s_startLimit, cancellationToken);
            return;
        }

        using var timer = new PeriodicTimer(s_dataInterval);
        do
        {
            int mark = _process.Mark;
            await _process.SendAsync("stats");
            if ((await _process.WaitAsync("stats", s_startLimit, cancellationToken, mark)).Number("received") > 0)
                return;
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    public override ValueTask DisposeAsync() => _process.DisposeAsync();

    private PairTypes LastPair
    {
        get
        {
            SelectedPair pair = SelectedPair.Of(_process.Last("pair")!);
            return new PairTypes(pair.Local.Type, pair.Remote.Type);
        }
    }

    private async Task StartAsync(CancellationToken cancellationToken) => await _process.WaitAsync(isBrowser ? "ready" : "local", s_startLimit, cancellationToken);

    private async Task WaitForDirectAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _process.WaitAsync("direct pair", static l =>
            {
                if (l.Event != "pair")
                    return false;
                SelectedPair pair = SelectedPair.Of(l);
                return pair.Local.Type != "relay" && pair.Remote.Type != "relay";
            }, s_settle, cancellationToken);
        }
        catch (CaseFailedException)
        {
            // The relay it is.
        }
    }

    private async Task<Description> DescribeAsync(CancellationToken cancellationToken)
    {
        await _process.WaitAsync("gathered", s_startLimit, cancellationToken);
        PeerLine local = await _process.WaitAsync("local", s_startLimit, cancellationToken);
        return new Description(local.Text("ufrag"), local.Text("pwd"), [.. _process.Lines().Where(static l => l.Event == "candidate").Select(static l => l.Text("candidate"))]);
    }
}
