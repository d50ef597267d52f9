using Stun;

namespace Ice.Tests;

public sealed class ReceiveQueueTests
{
    private static readonly TransportAddress s_remote = TransportAddress.Parse("192.0.2.1", 5000);

    [Test]
    public async Task Datagrams_come_out_in_order_with_their_sender()
    {
        ReceiveQueue queue = Filled(slots: 4, dropOldest: false, 1, 2, 3);
        Assert.That(await TakeAll(queue), Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public async Task When_it_is_full_the_newest_is_dropped_and_counted()
    {
        ReceiveQueue queue = Filled(slots: 2, dropOldest: false, 1, 2, 3, 4);
        Assert.That(await TakeAll(queue), Is.EqualTo(new[] { 1, 2 }));
        Assert.That(queue.Overflows, Is.EqualTo(2));
    }

    [Test]
    public async Task Or_the_oldest_by_choice()
    {
        ReceiveQueue queue = Filled(slots: 2, dropOldest: true, 1, 2, 3, 4);
        Assert.That(await TakeAll(queue), Is.EqualTo(new[] { 3, 4 }));
        Assert.That(queue.Overflows, Is.EqualTo(2));
    }

    [Test]
    public async Task A_buffer_that_is_too_small_gets_the_beginning_and_says_so()
    {
        ReceiveQueue queue = new(4, dropOldest: false);
        queue.Enqueue([1, 2, 3, 4], s_remote);
        byte[] buffer = new byte[2];
        IceReceiveResult result = await queue.ReceiveAsync(buffer, CancellationToken.None);
        Assert.Multiple(() =>
        {
            Assert.That(result, Is.EqualTo(new IceReceiveResult(2, 4, s_remote)));
            Assert.That(result.IsTruncated, Is.True);
            Assert.That(buffer, Is.EqualTo(new byte[] { 1, 2 }));
        });
    }

    [Test]
    public async Task A_waiting_receive_gets_the_next_datagram()
    {
        ReceiveQueue queue = new(4, dropOldest: false);
        byte[] buffer = new byte[2];
        Task<IceReceiveResult> waiting = queue.ReceiveAsync(buffer, CancellationToken.None).AsTask();
        queue.Enqueue([7], s_remote);
        Assert.That((await waiting.WaitAsync(AgentPair.Limit)).Length, Is.EqualTo(1));
        Assert.That(queue.Count, Is.Zero);
    }

    [Test]
    public async Task A_second_receive_is_refused_while_one_waits()
    {
        ReceiveQueue queue = new(4, dropOldest: false);
        Task<IceReceiveResult> waiting = queue.ReceiveAsync(new byte[2], CancellationToken.None).AsTask();
        Assert.ThrowsAsync<InvalidOperationException>(async () => await queue.ReceiveAsync(new byte[2], CancellationToken.None));
        queue.Enqueue([7], s_remote);
        await waiting.WaitAsync(AgentPair.Limit);
    }

    [Test]
    public async Task Cancellation_ends_a_receive_and_the_next_one_works()
    {
        ReceiveQueue queue = new(4, dropOldest: false);
        using CancellationTokenSource cancel = new();
        Task<IceReceiveResult> waiting = queue.ReceiveAsync(new byte[2], cancel.Token).AsTask();
        await cancel.CancelAsync();
        Assert.CatchAsync<OperationCanceledException>(() => waiting.WaitAsync(AgentPair.Limit));
        Assert.CatchAsync<OperationCanceledException>(async () => await queue.ReceiveAsync(new byte[2], cancel.Token));

        queue.Enqueue([7], s_remote);
        Assert.That(await TakeAll(queue), Is.EqualTo(new[] { 7 }));
    }

    [Test]
    public async Task Cancellation_and_arrival_at_once_lose_nothing()
    {
        ReceiveQueue queue = new(4, dropOldest: false);
        byte[] buffer = new byte[2];
        for (int i = 0; i < 2000; i++)
        {
            using CancellationTokenSource cancel = new();
            Task<IceReceiveResult> waiting = queue.ReceiveAsync(buffer, cancel.Token).AsTask();
            Task canceling = Task.Run(cancel.Cancel);
            queue.Enqueue([7], s_remote);
            bool received = true;
            try
            {
                await waiting.WaitAsync(AgentPair.Limit);
            }
            catch (OperationCanceledException)
            {
                received = false;
            }

            await canceling;
            Assert.That(queue.Count, Is.EqualTo(received ? 0 : 1));
            if (!received)
                await queue.ReceiveAsync(buffer, CancellationToken.None);
        }
    }

    [Test]
    public async Task Closing_ends_the_waiting_receive_and_all_later_ones()
    {
        ReceiveQueue queue = new(4, dropOldest: false);
        Task<IceReceiveResult> waiting = queue.ReceiveAsync(new byte[2], CancellationToken.None).AsTask();
        queue.Close();
        await Assert.ThatAsync(() => waiting.WaitAsync(AgentPair.Limit), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(() => queue.ReceiveAsync(new byte[2], CancellationToken.None), Throws.InstanceOf<ObjectDisposedException>());
        Assert.That(queue.Enqueue([1], s_remote), Is.True);
    }

    [Test]
    public void Draining_hands_over_what_waits_and_then_lets_everything_through()
    {
        ReceiveQueue queue = Filled(slots: 4, dropOldest: false, 1, 2);
        List<int> handled = [];
        queue.Drain((datagram, _, _) =>
        {
            handled.Add(datagram[0]);
            if (handled.Count == 1)
                Assert.That(queue.Enqueue([3], s_remote), Is.True, "what arrives during draining waits its turn");
        });

        Assert.That(handled, Is.EqualTo(new[] { 1, 2, 3 }));
        Assert.That(queue.Enqueue([4], s_remote), Is.False);
    }

    private static ReceiveQueue Filled(int slots, bool dropOldest, params byte[] values)
    {
        ReceiveQueue queue = new(slots, dropOldest);
        foreach (byte value in values)
            queue.Enqueue([value], s_remote);
        return queue;
    }

    private static async Task<int[]> TakeAll(ReceiveQueue queue)
    {
        List<int> values = [];
        byte[] buffer = new byte[10];
        while (queue.Count > 0)
        {
            IceReceiveResult result = await queue.ReceiveAsync(buffer, CancellationToken.None);
            Assert.That(result.Remote, Is.EqualTo(s_remote));
            values.Add(buffer[0]);
        }

        return [.. values];
    }
}
