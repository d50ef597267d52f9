using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Ice.Tests;

public sealed class DatagramHandlerTests
{
    [Test]
    public async Task The_handler_gets_nothing_before_Connected_was_raised_and_everything_after()
    {
        Channel<byte> handled = Channel.CreateUnbounded<byte>();
        using ManualResetEventSlim release = new();
        bool connectedRaised = false;
        bool early = false;
        await using MemoryPair pair = new(right: options => options with
        {
            DatagramHandler = (_, datagram, _) =>
            {
                early |= !Volatile.Read(ref connectedRaised);
                handled.Writer.TryWrite(datagram[0]);
            },
        });
        pair.Right.StateChanged += (_, args) =>
        {
            if (args.State != IceConnectionState.Connected)
                return;
            // Holds the event back until data is there: it has to wait too.
            Assert.That(release.Wait(AgentPair.Limit), Is.True);
            Volatile.Write(ref connectedRaised, true);
        };
        pair.Exchange();
        await pair.ConnectAsync();
        for (byte i = 1; i <= 3; i++)
            Assert.That(pair.Left.TrySend([i]), Is.True);
        release.Set();
        using CancellationTokenSource timeout = new(AgentPair.Limit);
        List<byte> values = [];
        while (values.Count < 3)
            values.Add(await handled.Reader.ReadAsync(timeout.Token));

        Assert.That(values, Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(early, Is.False);
    }

    [Test]
    public async Task A_handler_that_throws_does_not_end_reception()
    {
        ConcurrentQueue<byte> handled = new();
        TaskCompletionSource last = new(TaskCreationOptions.RunContinuationsAsynchronously);
        CapturingLoggerFactory logs = new();
        await using MemoryPair pair = await MemoryPair.ConnectedAsync(right: options => options with
        {
            LoggerFactory = logs,
            DatagramHandler = (_, datagram, _) =>
            {
                handled.Enqueue(datagram[0]);
                if (datagram[0] == 2)
                    last.TrySetResult();
                throw new InvalidOperationException("the application's own trouble");
            },
        });
        pair.Left.TrySend([1]);
        pair.Left.TrySend([2]);
        await last.Task.WaitAsync(AgentPair.Limit);

        Assert.That(handled, Is.EqualTo(new byte[] { 1, 2 }));
        Assert.That(logs.Lines, Has.Some.StartsWith("Error 1014"));
    }

    [Test]
    public async Task Receiving_is_refused_where_a_handler_takes_everything()
    {
        await using IceAgent agent = new(new() { DatagramHandler = static (_, _, _) => { } });
        Assert.That(async () => await agent.ReceiveAsync(new byte[1]), Throws.InvalidOperationException.With.Message.Contains("DatagramHandler"));
    }
}
