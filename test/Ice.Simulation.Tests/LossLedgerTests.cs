using Stun;

namespace Ice.Simulation.Tests;

public class LossLedgerTests
{
    [Test]
    public void Seven_lost_requests_are_bad_luck_and_six_are_not()
    {
        (TestNet net, Endpoint from, Endpoint to, LossLedger ledger) = Build();
        from.Link.Up.Conditions = new LinkConditions { Loss = LossModel.Random(1) };
        for (int i = 0; i < 6; i++)
            Send(from, to, 1);
        net.Settle();
        Assert.That(ledger.FindLostToChance(), Is.Null);
        Send(from, to, 1);
        net.Settle();
        Assert.That(ledger.FindLostToChance(), Does.Contain("all 7 requests"));
    }

    [Test]
    public void Lost_answers_count_like_lost_requests()
    {
        (TestNet net, Endpoint from, Endpoint to, LossLedger ledger) = Build();
        from.Link.Down.Conditions = new LinkConditions { Loss = LossModel.Random(1) };
        to.Socket.OnReceive(static (socket, remote, datagram) => socket.Send(remote, Answer(datagram)));
        for (int i = 0; i < 7; i++)
            Send(from, to, 1);
        net.Settle();
        Assert.That(ledger.FindLostToChance(), Is.Not.Null);
    }

    [Test]
    public void One_answer_that_arrives_is_enough()
    {
        (TestNet net, Endpoint from, Endpoint to, LossLedger ledger) = Build();
        to.Socket.OnReceive(static (socket, remote, datagram) => socket.Send(remote, Answer(datagram)));
        Send(from, to, 1);
        net.Settle();
        from.Link.Up.Conditions = new LinkConditions { Loss = LossModel.Random(1) };
        for (int i = 0; i < 6; i++)
            Send(from, to, 1);
        net.Settle();
        Assert.That(ledger.FindLostToChance(), Is.Null);
    }

    [Test]
    public void What_was_not_lost_by_chance_is_no_bad_luck()
    {
        (TestNet net, Endpoint from, Endpoint to, LossLedger ledger) = Build();
        from.Link.Cut();
        for (int i = 0; i < 7; i++)
            Send(from, to, 1);
        net.Settle();
        Assert.That(ledger.FindLostToChance(), Is.Null, "a cut link is no chance");
    }

    [Test]
    public void Five_consent_checks_lost_in_a_row_are_bad_luck()
    {
        (TestNet net, Endpoint from, Endpoint to, LossLedger ledger) = Build();
        from.Link.Up.Conditions = new LinkConditions { Loss = LossModel.Random(1) };
        for (ulong id = 1; id <= 4; id++)
            Send(from, to, id);
        net.Settle();
        Assert.That(ledger.FindLostToChance(), Is.Null);
        Send(from, to, 5);
        net.Settle();
        Assert.That(ledger.FindLostToChance(), Does.Contain("5 transactions in a row"));
    }

    private static (TestNet Net, Endpoint From, Endpoint To, LossLedger Ledger) Build()
    {
        var net = new TestNet(1);
        var ledger = new LossLedger();
        net.Network.AddTap(ledger);
        return (net, net.Host("from", net.Internet, "203.0.113.1"), net.Host("to", net.Internet, "203.0.113.2"), ledger);
    }

    private static void Send(Endpoint from, Endpoint to, ulong id)
    {
        Span<byte> buffer = stackalloc byte[64];
        var transaction = TransactionId.Create(new SimEntropy(new SimRandom(id)));
        from.Socket.Send(to.Address, new StunWriter(buffer, StunMethod.Binding, StunClass.Request, transaction).Written);
    }

    private static byte[] Answer(ReadOnlySpan<byte> request)
    {
        byte[] buffer = new byte[64];
        _ = StunMessage.TryParse(request, out StunMessage message, out _);
        int length = new StunWriter(buffer, StunMethod.Binding, StunClass.SuccessResponse, message.TransactionId).Length;
        return buffer[..length];
    }
}
