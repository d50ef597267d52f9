using Ice.Testing;

namespace Stun.Tests;

[Rfc(8489, "6.2.1")]
internal sealed class RtoTests
{
    private static readonly TimeSpan s_initial = RetransmissionSchedule.DefaultRto;

    [Test]
    public void Without_a_measurement_the_rto_is_500_ms()
    {
        Assert.That(RetransmissionSchedule.DefaultRto, Is.EqualTo(TimeSpan.FromMilliseconds(500)));
        Assert.That(new RtoEstimator(s_initial).Rto, Is.EqualTo(s_initial));
        Assert.That(new RtoCache(s_initial).GetRto(Messages.Server, Instant.Zero), Is.EqualTo(s_initial));
    }

    [Test, Rfc(6298, "2")]
    public void The_estimate_follows_rfc_6298_to_the_millisecond()
    {
        var estimator = new RtoEstimator(TimeSpan.FromMilliseconds(1));
        estimator.Sample(TimeSpan.FromMilliseconds(301));
        Assert.That(estimator.Rto, Is.EqualTo(TimeSpan.FromMilliseconds(903)), "R + 4 * R/2, not rounded to seconds");
        // RTTVAR = 3/4 * 150.5 + 1/4 * |301 - 201| = 137.875; SRTT = 7/8 * 301 + 1/8 * 201 = 288.5
        estimator.Sample(TimeSpan.FromMilliseconds(201));
        Assert.That(estimator.Rto, Is.EqualTo(TimeSpan.FromMilliseconds(840)));
        var fraction = new RtoEstimator(TimeSpan.FromMilliseconds(1));
        fraction.Sample(TimeSpan.FromMilliseconds(100.1));
        Assert.That(fraction.Rto, Is.EqualTo(TimeSpan.FromMilliseconds(301)), "300.3 ms, in whole milliseconds and never too early");
    }

    [Test]
    public void The_rto_is_never_less_than_the_initial_one()
    {
        var estimator = new RtoEstimator(s_initial);
        for (int sample = 0; sample < 20; sample++)
            estimator.Sample(TimeSpan.FromMilliseconds(10));
        Assert.That(estimator.Rto, Is.EqualTo(s_initial));
    }

    [Test]
    public void The_rto_of_a_server_is_kept_by_ip_address_for_the_next_transaction()
    {
        var cache = new RtoCache(s_initial);
        cache.Complete(Messages.Server, TimeSpan.FromSeconds(1), Instant.Zero);
        Assert.That(cache.GetRto(Messages.Server.WithPort(9), Instant.Zero), Is.EqualTo(TimeSpan.FromSeconds(3)));
        Assert.That(cache.GetRto(TransportAddress.Parse("192.0.2.9", 3478), Instant.Zero), Is.EqualTo(s_initial));
    }

    [Test]
    public void The_rto_is_stale_after_10_minutes_without_a_transaction()
    {
        var cache = new RtoCache(s_initial);
        Instant now = Instant.Zero;
        cache.Complete(Messages.Server, TimeSpan.FromSeconds(1), now);
        now += TimeSpan.FromMinutes(10);
        Assert.That(cache.GetRto(Messages.Server, now), Is.EqualTo(TimeSpan.FromSeconds(3)), "and that was a transaction");
        now += TimeSpan.FromMinutes(10);
        Assert.That(cache.GetRto(Messages.Server, now), Is.EqualTo(TimeSpan.FromSeconds(3)));
        now += TimeSpan.FromMinutes(10) + TimeSpan.FromTicks(1);
        Assert.That(cache.GetRto(Messages.Server, now), Is.EqualTo(s_initial));
        Assert.That(cache.Count, Is.Zero);
        cache.Complete(Messages.Server, TimeSpan.FromSeconds(1), now);
        cache.Complete(Messages.Server, TimeSpan.FromSeconds(2), now + TimeSpan.FromMinutes(11));
        Assert.That(cache.GetRto(Messages.Server, now + TimeSpan.FromMinutes(11)), Is.EqualTo(TimeSpan.FromSeconds(6)), "the old estimate was discarded");
    }

    [Test]
    public void A_transaction_with_retransmissions_gives_no_measurement()
    {
        var cache = new RtoCache(s_initial);
        cache.Complete(Messages.Server, null, Instant.Zero);
        Assert.That(cache.GetRto(Messages.Server, Instant.Zero), Is.EqualTo(s_initial));
        Assert.That(cache.Count, Is.Zero);
    }

    [Test]
    public void The_cache_is_bounded_and_forgets_what_was_not_used_for_longest()
    {
        var cache = new RtoCache(s_initial, capacity: 2);
        TransportAddress[] servers = [TransportAddress.Parse("192.0.2.1", 1), TransportAddress.Parse("192.0.2.2", 1), TransportAddress.Parse("192.0.2.3", 1)];
        cache.Complete(servers[0], TimeSpan.FromSeconds(1), Instant.Zero);
        cache.Complete(servers[1], TimeSpan.FromSeconds(1), Instant.Zero + TimeSpan.FromSeconds(1));
        _ = cache.GetRto(servers[0], Instant.Zero + TimeSpan.FromSeconds(2));
        cache.Complete(servers[2], TimeSpan.FromSeconds(1), Instant.Zero + TimeSpan.FromSeconds(3));
        Assert.That(cache.Count, Is.EqualTo(2));
        Assert.That(cache.GetRto(servers[0], Instant.Zero + TimeSpan.FromSeconds(4)), Is.EqualTo(TimeSpan.FromSeconds(3)));
        Assert.That(cache.GetRto(servers[1], Instant.Zero + TimeSpan.FromSeconds(4)), Is.EqualTo(s_initial));
    }
}
