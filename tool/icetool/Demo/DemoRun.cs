using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Ice;
using Ice.Server;
using IceTool.Agents;
using Turn;

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
        narrator.Chapter("A STUN and TURN server", "tells whoever asks which address it sees, and relays for who has a password");
        string password = Convert.ToHexString(RandomNumberGenerator.GetBytes(8));
        var server = new TurnServer(new TurnServerOptions
        {
            UdpEndPoints = [new IPEndPoint(IPAddress.Loopback, 0)],
            Users = new Dictionary<string, string> { ["demo"] = password },
            // Everything here is on this machine.
            Policy = new RelayPolicy { AllowLoopback = true, AllowOwnAddresses = true },
        });
        await using (server.ConfigureAwait(false))
        {
            await server.StartAsync(cancellationToken).ConfigureAwait(false);
            IPEndPoint listening = server.UdpEndPoints[0];
            narrator.ServerStarted(listening);

            narrator.Chapter("Candidates", "the addresses an agent may be reached at; the relayed ones are the server's, for when nothing else works");
            var alice = new DemoAgent("alice", IceRole.Controlling, new IceServer($"turn:{listening}", "demo", password), narrator);
            var bob = new DemoAgent("bob", IceRole.Controlled, new IceServer($"turn:{listening}", "demo", password), narrator);
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
