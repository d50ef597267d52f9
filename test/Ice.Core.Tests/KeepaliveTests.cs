using Ice.Core.Tests.Harness;
using Ice.Testing;
using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests;

[TestFixture]
[Rfc(8445, "11")]
internal sealed class KeepaliveTests
{
    private static readonly BaseId s_base = new(1);

    [Test]
    public void Without_data_a_Binding_indication_leaves_on_the_selected_pair_every_15_seconds()
    {
        TestAgent agent = Nominated(out _, new IceCoreOptions { Role = IceRole.Controlled, Consent = false });
        Instant start = agent.Now;
        agent.Forget();
        agent.Advance(S(61));
        SentDatagram[] indications = [.. agent.Sent];
        Assert.Multiple(() =>
        {
            Assert.That(indications.Select(i => (i.At - start).TotalSeconds), Is.EqualTo(new[] { 15d, 30, 45, 60 }));
            Assert.That(indications.Select(i => i.Message.Type), Is.All.EqualTo(new StunType(StunMethod.Binding, StunClass.Indication)));
            Assert.That(indications.Select(i => i.Path), Is.All.EqualTo(new IcePath(s_base, At("10.0.0.2:1"))));
            foreach (SentDatagram indication in indications)
                Assert.That(indication.Message.Attributes.Select(a => (StunAttributeType)a.Type), Is.EqualTo(new[] { StunAttributeType.Fingerprint }));
        });
    }

    [Test]
    public void Whatever_else_happens_no_keepalive_leaves_before_15_seconds()
    {
        TestAgent agent = Nominated(out ScriptedPeer peer, new IceCoreOptions { Role = IceRole.Controlled, Consent = false });
        agent.Forget();
        agent.Advance(Ms(14_900));
        peer.SendCheck(s_base, "10.0.0.2:1");
        Assert.That(agent.Sent.Where(s => s.Message.IsIndication), Is.Empty);
        agent.Advance(Ms(100));
        Assert.That(agent.Sent.Count(s => s.Message.IsIndication), Is.EqualTo(1));
    }

    [Test]
    public void Data_that_was_sent_puts_the_keepalive_off()
    {
        TestAgent agent = Nominated(out _, new IceCoreOptions { Role = IceRole.Controlled, Consent = false });
        agent.Forget();
        for (int i = 0; i < 12; i++)
        {
            agent.Advance(S(10));
            agent.Do(now => agent.Core.ReportDataSent(ComponentId.First, now));
        }

        Assert.That(agent.Sent, Is.Empty);
        Instant last = agent.Now;
        agent.Advance(S(16));
        Assert.That(agent.Sent.Single().At - last, Is.EqualTo(S(15)));
    }

    [Test]
    [Rfc(7675, "4")]
    public void Where_consent_is_checked_no_indications_are_sent()
    {
        TestAgent agent = Nominated(out _, new IceCoreOptions { Role = IceRole.Controlled });
        agent.Forget();
        agent.Advance(S(120));
        Assert.That(agent.Sent.Where(s => s.Message.IsIndication), Is.Empty);
        Assert.That(agent.Checks.Count(), Is.GreaterThanOrEqualTo(19), "consent checks keep the bindings alive");
    }

    [Test]
    public void Keepalives_end_with_the_session()
    {
        TestAgent agent = Nominated(out _, new IceCoreOptions { Role = IceRole.Controlled, Consent = false });
        agent.Do(agent.Core.Close);
        agent.Forget();
        agent.Advance(S(120));
        Assert.That(agent.Sent, Is.Empty);
    }

    [Test]
    public void A_check_that_comes_during_keepalives_is_answered()
    {
        TestAgent agent = Nominated(out ScriptedPeer peer, new IceCoreOptions { Role = IceRole.Controlled, Consent = false });
        agent.Advance(S(40));
        Assert.That(peer.SendCheck(s_base, "10.0.0.2:1").Single().Message.IsSuccess, Is.True);
    }
}
