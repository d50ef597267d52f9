using Ice.Testing;

namespace Stun.Tests;

[Rfc(8489, "6.2.1")]
internal sealed class TransactionTableTests
{
    private static readonly TransportAddress s_other = TransportAddress.Parse("192.0.2.2", 3478);

    private byte _nextId;

    [SetUp]
    public void SetUp() => _nextId = 0;

    [Test]
    public void A_request_leaves_at_the_times_of_the_rfc_and_times_out_after_39500_ms()
    {
        var table = new TransactionTable<string>(4);
        TransactionId id = NextId();
        Assert.That(table.TryAdd(id, Messages.Server, "request", RetransmissionSchedule.Default, Instant.Zero), Is.True);
        var times = new List<double> { 0 };
        TransactionDue due;
        do
        {
            Instant now = table.NextTimeout;
            Assert.That(table.TryTakeDue(now - TimeSpan.FromTicks(1), out _, out _), Is.False);
            Assert.That(table.TryTakeDue(now, out StunTransaction<string>? transaction, out due), Is.True);
            Assert.That(transaction!.Id, Is.EqualTo(id));
            Assert.That(transaction.State, Is.EqualTo("request"));
            Assert.That(table.TryTakeDue(now, out _, out _), Is.False);
            times.Add(now.SinceOrigin.TotalMilliseconds);
        }
        while (due == TransactionDue.Retransmit);
        Assert.That(times, Is.EqualTo(new double[] { 0, 500, 1500, 3500, 7500, 15500, 31500, 39500 }));
        Assert.That(due, Is.EqualTo(TransactionDue.TimedOut));
        Assert.That(table.Count, Is.Zero);
        Assert.That(table.NextTimeout, Is.EqualTo(Instant.Never));
    }

    [Test, Rfc(8489, "6.2.2")]
    public void Over_a_reliable_transport_nothing_is_sent_again_and_39500_ms_are_waited()
    {
        var table = new TransactionTable<int>(4);
        table.TryAdd(NextId(), Messages.Server, 0, RetransmissionSchedule.Reliable(RetransmissionSchedule.DefaultReliableTimeout), Instant.Zero);
        Assert.That(table.NextTimeout.SinceOrigin, Is.EqualTo(TimeSpan.FromMilliseconds(39500)));
        Assert.That(table.TryTakeDue(table.NextTimeout, out _, out TransactionDue due), Is.True);
        Assert.That(due, Is.EqualTo(TransactionDue.TimedOut));
    }

    [Test]
    public void A_response_ends_the_transaction()
    {
        var table = new TransactionTable<int>(4);
        TransactionId id = NextId();
        table.TryAdd(id, Messages.Server, 7, RetransmissionSchedule.Default, Instant.Zero);
        Assert.That(table.TryGet(id, out StunTransaction<int>? found), Is.True);
        Assert.That(found!.Remote, Is.EqualTo(Messages.Server));
        Assert.That(table.TryGet(NextId(), out _), Is.False);
        Assert.That(table.TryRemove(id, out StunTransaction<int>? removed), Is.True);
        Assert.That(removed!.State, Is.EqualTo(7));
        Assert.That(table.TryRemove(id, out _), Is.False);
        Assert.That(table.NextTimeout, Is.EqualTo(Instant.Never));
    }

    [Test]
    public void A_driver_that_wakes_up_late_sends_once_and_not_a_burst()
    {
        var table = new TransactionTable<int>(4);
        table.TryAdd(NextId(), Messages.Server, 0, RetransmissionSchedule.Default, Instant.Zero);
        Instant late = Instant.FromOrigin(TimeSpan.FromSeconds(10));
        Assert.That(table.TryTakeDue(late, out _, out _), Is.True);
        Assert.That(table.TryTakeDue(late, out _, out _), Is.False);
        Assert.That(table.NextTimeout - late, Is.EqualTo(TimeSpan.FromSeconds(1)));
    }

    [Test]
    public void Several_transactions_come_due_in_the_order_of_their_deadlines()
    {
        var table = new TransactionTable<int>(4);
        table.TryAdd(NextId(), Messages.Server, 2, RetransmissionSchedule.Default, Instant.Zero + TimeSpan.FromMilliseconds(200));
        Assert.That(table.NextTimeout.SinceOrigin, Is.EqualTo(TimeSpan.FromMilliseconds(700)));
        table.TryAdd(NextId(), Messages.Server, 1, RetransmissionSchedule.Default, Instant.Zero);
        Assert.That(table.NextTimeout.SinceOrigin, Is.EqualTo(TimeSpan.FromMilliseconds(500)));
        table.TryAdd(NextId(), Messages.Server, 3, RetransmissionSchedule.Default, Instant.Zero + TimeSpan.FromMilliseconds(300));
        Assert.That(table.NextTimeout.SinceOrigin, Is.EqualTo(TimeSpan.FromMilliseconds(500)));
        var order = new List<int>();
        while (table.TryTakeDue(Instant.Zero + TimeSpan.FromMilliseconds(750), out StunTransaction<int>? transaction, out _))
            order.Add(transaction.State);
        Assert.That(order, Is.EqualTo(new[] { 1, 2 }));
    }

    [Test]
    public void The_table_is_bounded()
    {
        var table = new TransactionTable<int>(3, int.MaxValue);
        for (int index = 0; index < 3; index++)
            Assert.That(table.TryAdd(NextId(), Messages.Server, 0, RetransmissionSchedule.Default, Instant.Zero), Is.True);
        Assert.That(table.TryAdd(NextId(), s_other, 0, RetransmissionSchedule.Default, Instant.Zero), Is.False);
        table.Clear();
        Assert.That(table.NextTimeout, Is.EqualTo(Instant.Never));
        Assert.That(table.TryAdd(NextId(), s_other, 0, RetransmissionSchedule.Default, Instant.Zero), Is.True);
    }

    [Test, Rfc(8489, "6.2")]
    public void Ten_transactions_are_outstanding_to_one_server_whatever_its_ports()
    {
        var table = new TransactionTable<int>(100);
        for (int index = 0; index < 10; index++)
            Assert.That(table.TryAdd(NextId(), Messages.Server.WithPort(1000 + index), 0, RetransmissionSchedule.Default, Instant.Zero), Is.True);
        Assert.That(table.TryAdd(NextId(), Messages.Server, 0, RetransmissionSchedule.Default, Instant.Zero), Is.False);
        Assert.That(table.TryAdd(NextId(), s_other, 0, RetransmissionSchedule.Default, Instant.Zero), Is.True);
    }

    [Test]
    public void An_id_is_used_once()
    {
        var table = new TransactionTable<int>(4);
        TransactionId id = NextId();
        Assert.That(table.TryAdd(id, Messages.Server, 0, RetransmissionSchedule.Default, Instant.Zero), Is.True);
        Assert.That(table.TryAdd(id, s_other, 0, RetransmissionSchedule.Default, Instant.Zero), Is.False);
    }

    [Test, Rfc(8489, "9.1.4"), Rfc(8489, "9.2.5")]
    public void If_only_unverified_responses_came_the_end_is_an_integrity_violation_and_not_a_timeout()
    {
        var table = new TransactionTable<int>(4);
        TransactionId id = NextId();
        table.TryAdd(id, Messages.Server, 0, new RetransmissionSchedule(TimeSpan.FromSeconds(1), Rc: 2, Rm: 1), Instant.Zero);
        table.TryGet(id, out StunTransaction<int>? transaction);
        transaction!.NoteIntegrityViolation();
        Assert.That(table.TryTakeDue(table.NextTimeout, out _, out TransactionDue due), Is.True);
        Assert.That(due, Is.EqualTo(TransactionDue.Retransmit), "retransmissions go on");
        Assert.That(table.TryTakeDue(table.NextTimeout, out _, out due), Is.True);
        Assert.That(due, Is.EqualTo(TransactionDue.IntegrityViolated));
    }

    [Test]
    public void The_round_trip_is_known_only_of_a_request_that_was_sent_once()
    {
        var table = new TransactionTable<int>(4);
        TransactionId id = NextId();
        table.TryAdd(id, Messages.Server, 0, RetransmissionSchedule.Default, Instant.Zero);
        table.TryGet(id, out StunTransaction<int>? transaction);
        Assert.That(transaction!.RoundTrip(Instant.Zero + TimeSpan.FromMilliseconds(80)), Is.EqualTo(TimeSpan.FromMilliseconds(80)));
        table.TryTakeDue(table.NextTimeout, out _, out _);
        Assert.That(transaction.RoundTrip(Instant.Zero + TimeSpan.FromMilliseconds(580)), Is.Null);
    }

    private TransactionId NextId() => TransactionId.From([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, _nextId++]);
}
