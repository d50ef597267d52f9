using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using Ice;
using Ice.Server;
using IceTool.Agents;

namespace IceTool.Demo;

/// <summary>The agents' part of the demo: two of them find each other over real sockets on loopback, and talk.</summary>
internal sealed class DemoRun(IDemoNarrator narrator)
{
    private const int Pings = 5;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>Runs it.</summary>
    /// <returns>Null when it worked, or why it did not.</returns>
    public async Task<string?> RunAsync(CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_patience);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        TimeSpan connectedAfter = default;
        string? failure = null;
        try
        {
            connectedAfter = await ConnectAndTalkAsync(both.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            failure = $"the agents were not done after {s_patience.TotalSeconds:0} s; does a firewall stop UDP on 127.0.0.1?";
        }
        catch (IOException exception)
        {
            failure = exception.Message;
        }

        narrator.Finished(failure, connectedAfter);
        return failure;
    }

    private async Task<TimeSpan> ConnectAndTalkAsync(CancellationToken cancellationToken)
    {
        narrator.Chapter("A STUN server", "tells whoever asks which address it sees");
        var server = new StunServer(new StunServerOptions { EndPoints = [new IPEndPoint(IPAddress.Loopback, 0)] });
        await using (server.ConfigureAwait(false))
        {
            await server.StartAsync(cancellationToken).ConfigureAwait(false);
            IPEndPoint listening = server.BoundEndPoints[0];
            narrator.ServerStarted(listening);

            narrator.Chapter("Candidates", "the addresses an agent may be reached at; the server sees the same ones here: no more of them");
            var alice = new DemoAgent("alice", IceRole.Controlling, listening, narrator);
            var bob = new DemoAgent("bob", IceRole.Controlled, listening, narrator);
            await using (alice.ConfigureAwait(false))
            await using (bob.ConfigureAwait(false))
            {
                await Task.WhenAll(alice.GatherAsync(cancellationToken), bob.GatherAsync(cancellationToken)).ConfigureAwait(false);

                narrator.Chapter("Connectivity checks", "each pair of candidates is tried; alice controls, so she nominates the one to use");
                long start = Stopwatch.GetTimestamp();
                alice.Meet(bob);
                bob.Meet(alice);
                await Task.WhenAll(alice.ConnectAsync(cancellationToken), bob.ConnectAsync(cancellationToken)).ConfigureAwait(false);
                TimeSpan connectedAfter = Stopwatch.GetElapsedTime(start);

                narrator.Chapter("Data", "the pair carries whatever the application sends");
                await TalkAsync(alice, bob, cancellationToken).ConfigureAwait(false);
                return connectedAfter;
            }
        }
    }

    private async Task TalkAsync(DemoAgent alice, DemoAgent bob, CancellationToken cancellationToken)
    {
        await SayAsync(alice, bob, "Hello, Bob!", cancellationToken).ConfigureAwait(false);
        await SayAsync(bob, alice, "Hello, Alice!", cancellationToken).ConfigureAwait(false);
        var times = new List<TimeSpan>();
        for (int i = 1; i <= Pings; i++)
        {
            long start = Stopwatch.GetTimestamp();
            byte[] ping = Encoding.UTF8.GetBytes($"ping {i.ToString(CultureInfo.InvariantCulture)}");
            await alice.SendAsync(ping, cancellationToken).ConfigureAwait(false);
            await bob.SendAsync(await bob.ReceiveAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
            byte[] echo = await alice.ReceiveAsync(cancellationToken).ConfigureAwait(false);
            if (!echo.AsSpan().SequenceEqual(ping))
                throw new IOException($"alice sent '{Encoding.UTF8.GetString(ping)}' and got '{Encoding.UTF8.GetString(echo)}' back.");
            times.Add(Stopwatch.GetElapsedTime(start));
        }

        narrator.RoundTrips("alice", times);
    }

    private async Task SayAsync(DemoAgent from, DemoAgent to, string text, CancellationToken cancellationToken)
    {
        await from.SendAsync(Encoding.UTF8.GetBytes(text), cancellationToken).ConfigureAwait(false);
        string received = Encoding.UTF8.GetString(await to.ReceiveAsync(cancellationToken).ConfigureAwait(false));
        if (!string.Equals(received, text, StringComparison.Ordinal))
            throw new IOException($"{from.Name} sent '{text}' and {to.Name} received '{received}'.");
        narrator.Data(from.Name, to.Name, received);
    }
}
