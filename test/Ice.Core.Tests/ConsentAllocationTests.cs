using Ice.Core.Tests.Harness;
using Ice.Testing;
using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

/// <summary>A connected agent that is idle is woken every few seconds, and ten thousand of them are woken all the time.</summary>
[TestFixture]
internal sealed class ConsentAllocationTests
{
    private readonly byte[] _buffer = new byte[1280];

    [Test]
    [Rfc(7675, "5.1")]
    public void Consent_checks_and_their_answers_allocate_nothing()
    {
        var pair = new Pair();
        _ = pair.Left.AddHost("10.0.0.1:1", pair.Now);
        _ = pair.Right.AddHost("10.0.0.2:1", pair.Now);
        pair.Signal();
        Assert.That(pair.DriveUntil(() => pair.Left.Core.State == IceConnectionState.Connected && pair.Right.Core.State == IceConnectionState.Connected, S(5)), Is.True);
        // The harness keeps what it sees: from here on the two are driven by hand.
        pair.Drive(S(30));
        (IceCore left, IcePath toLeft) = Of(pair.Left, pair.Right);
        (IceCore right, IcePath toRight) = Of(pair.Right, pair.Left);
        Instant now = pair.Now;
        Play(left, right, toLeft, toRight, ref now, 20);

        long before = GC.GetAllocatedBytesForCurrentThread();
        int exchanges = Play(left, right, toLeft, toRight, ref now, 1000);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(exchanges, Is.GreaterThan(900));
        Assert.That(allocated, Is.Zero, $"bytes in {exchanges} exchanges");
        Assert.That(left.State, Is.EqualTo(IceConnectionState.Connected));
    }

    private static (IceCore Core, IcePath To) Of(Pair.Side side, Pair.Side from)
    {
        (BaseId own, _) = side.Bases.Single();
        return (side.Core, new IcePath(own, from.Bases.Single().Value));
    }

    /// <summary>Wakes both, the earlier first, and carries what they send; returns how many requests and answers that were, in pairs.</summary>
    private int Play(IceCore left, IceCore right, IcePath toLeft, IcePath toRight, ref Instant now, int wakes)
    {
        int carried = 0;
        for (int i = 0; i < wakes; i++)
        {
            now = Instant.Min(left.NextTimeout, right.NextTimeout);
            left.HandleTimeout(now);
            right.HandleTimeout(now);
            int before;
            do
            {
                before = carried;
                carried += Carry(left, right, toRight, now);
                carried += Carry(right, left, toLeft, now);
            }
            while (carried > before);
        }

        return carried / 2;
    }

    private int Carry(IceCore from, IceCore to, IcePath path, Instant now)
    {
        int carried = 0;
        while (from.TryGetTransmit(_buffer, out Transmit transmit))
        {
            carried++;
            _ = to.HandleDatagram(path, _buffer.AsSpan(0, transmit.Length), now);
        }

        return carried;
    }
}
