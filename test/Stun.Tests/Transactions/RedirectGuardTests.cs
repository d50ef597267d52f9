using Ice.Testing;

namespace Stun.Tests;

[Rfc(8489, "10")]
internal sealed class RedirectGuardTests
{
    [Test]
    public void A_redirection_to_a_server_that_was_asked_within_five_minutes_is_not_followed()
    {
        var guard = new RedirectGuard();
        var second = TransportAddress.Parse("192.0.2.2", 3478);
        Assert.That(guard.TryAsk(Messages.Server, Instant.Zero), Is.True);
        Assert.That(guard.TryAsk(second, Instant.Zero + TimeSpan.FromMinutes(1)), Is.True);
        Assert.That(guard.TryAsk(Messages.Server, Instant.Zero + TimeSpan.FromMinutes(5)), Is.False);
        Assert.That(guard.TryAsk(Messages.Server, Instant.Zero + TimeSpan.FromMinutes(5) + TimeSpan.FromTicks(1)), Is.True);
        Assert.That(guard.TryAsk(second, Instant.Zero + TimeSpan.FromMinutes(5)), Is.False);
    }

    [Test]
    public void A_chain_of_redirections_ends()
    {
        var guard = new RedirectGuard();
        int asked = 0;
        while (asked < 1000 && guard.TryAsk(Messages.Server.WithPort(1 + asked), Instant.Zero))
            asked++;
        Assert.That(asked, Is.EqualTo(RedirectGuard.MaxServers));
    }
}
