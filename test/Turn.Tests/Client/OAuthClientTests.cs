using Ice.Testing;
using Stun;
using static Turn.Tests.Client.ClientHarness;

namespace Turn.Tests.Client;

internal sealed class OAuthClientTests
{
    private static readonly byte[] s_macKey = [.. Enumerable.Range(1, 20).Select(static i => (byte)i)];
    private static readonly byte[] s_otherKey = [.. Enumerable.Range(101, 20).Select(static i => (byte)i)];

    [Test]
    [Rfc(7635, "5")]
    public void A_token_is_used_when_the_server_asks_for_third_party_authorization()
    {
        ClientHarness harness = Harness(Token());

        harness.Allocate();

        SentRequest[] sent = harness.Of(StunMethod.Allocate);
        Assert.That(sent, Has.Length.EqualTo(2));
        Assert.That(sent[0].Has(StunAttributeType.AccessToken), Is.False, "the first request tells nobody the token");
        Assert.That(sent[1].Value(StunAttributeType.AccessToken), Is.EqualTo(new byte[] { 9, 9, 9 }));
        Assert.That(sent[1].Value(StunAttributeType.Username), Is.EqualTo("kid-1"u8.ToArray()));
        Assert.That(sent[1].Parse().VerifyMessageIntegrity(s_macKey), Is.True);
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
    }

    [Test]
    [Rfc(7635, "9")]
    public void The_token_goes_into_Allocate_and_Refresh_only()
    {
        ClientHarness harness = Harness(Token());
        harness.Allocate();
        harness.Permit(Peer);
        harness.Bind(Peer);

        harness.PassTo(541);

        Assert.That(harness.Of(StunMethod.Refresh).Select(static request => request.Has(StunAttributeType.AccessToken)), Is.All.True);
        Assert.That(harness.Of(StunMethod.CreatePermission).Concat(harness.Of(StunMethod.ChannelBind)).Select(static request => request.Has(StunAttributeType.AccessToken)), Is.All.False);
        Assert.That(harness.Client.HasPermission(Peer), Is.True);
    }

    [Test]
    [Rfc(7635, "6.1")]
    public void Third_party_authorization_goes_before_a_password()
    {
        ClientHarness harness = Harness(Token(), withPassword: true);

        harness.Allocate();

        Assert.That(harness.Of(StunMethod.Allocate)[^1].Has(StunAttributeType.AccessToken), Is.True);
    }

    [Test]
    [Rfc(7635, "6.1")]
    public void Without_third_party_authorization_the_password_is_used()
    {
        var harness = new ClientHarness(static options => options with { AccessToken = Token() });

        harness.Allocate();

        Assert.That(harness.Of(StunMethod.Allocate)[^1].Has(StunAttributeType.AccessToken), Is.False);
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
    }

    [Test]
    [Rfc(7635, "4")]
    public void A_token_is_asked_for_with_the_name_of_the_server_and_waited_for()
    {
        ClientHarness harness = Harness(null);

        harness.Allocate();
        Assert.That(harness.Single<TurnClientEvent.AccessTokenNeeded>().ServerName, Is.EqualTo("turn1@example.com"));
        harness.Pass(TimeSpan.FromMinutes(1));
        Assert.That(harness.Of(StunMethod.Allocate), Has.Length.EqualTo(1));
        harness.Do(client => client.SetAccessToken(Token(), harness.Now));

        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        harness.Single<TurnClientEvent.AccessTokenNeeded>();
    }

    [Test]
    [Rfc(7635, "9")]
    public void The_next_token_is_asked_for_in_time_and_refreshes_the_allocation()
    {
        ClientHarness harness = Harness(Token(TimeSpan.FromSeconds(600)));
        harness.Allocate();
        harness.Permit(Peer);
        harness.Sent.Clear();

        harness.PassTo(539);
        Assert.That(harness.Events.OfType<TurnClientEvent.AccessTokenNeeded>(), Is.Empty);
        harness.PassTo(539.5);
        harness.Server.TokenKey = new StunKey(s_otherKey);
        harness.Do(client => client.SetAccessToken(new OAuthAccessToken("kid-2", [8, 8], s_otherKey), harness.Now));
        SentRequest refresh = harness.Of(StunMethod.Refresh).Single();
        Assert.That(refresh.Value(StunAttributeType.AccessToken), Is.EqualTo(new byte[] { 8, 8 }));
        Assert.That(refresh.Value(StunAttributeType.Username), Is.EqualTo("kid-2"u8.ToArray()));
        harness.PassTo(1200);

        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
        Assert.That(harness.Client.HasPermission(Peer), Is.True);
        Assert.That(harness.Of(StunMethod.CreatePermission)[^1].Value(StunAttributeType.Username), Is.EqualTo("kid-2"u8.ToArray()));
    }

    [Test]
    [Rfc(7635, "8")]
    public void An_expired_token_is_not_used_any_more()
    {
        ClientHarness harness = Harness(Token(TimeSpan.FromSeconds(400)));
        harness.Allocate();
        harness.Sent.Clear();

        harness.PassTo(590);
        Assert.That(harness.Single<TurnClientEvent.AccessTokenNeeded>().ServerName, Is.EqualTo("turn1@example.com"));
        Assert.That(harness.Sent, Is.Empty);
        harness.PassTo(601);

        Assert.That(harness.Single<TurnClientEvent.Lost>().Failure, Is.EqualTo(TurnFailure.Expired));
    }

    [Test]
    public void Closing_without_a_token_does_not_wait_for_one()
    {
        ClientHarness harness = Harness(Token(TimeSpan.FromSeconds(400)));
        harness.Allocate();
        harness.PassTo(500);

        harness.Close();

        harness.Single<TurnClientEvent.Closed>();
    }

    [Test]
    public void A_token_that_is_refused_is_replaced_and_refused_tokens_come_to_an_end()
    {
        ClientHarness harness = Harness(Token());
        harness.Server.TokenKey = new StunKey(s_otherKey);

        harness.Allocate();
        harness.Single<TurnClientEvent.AccessTokenNeeded>();
        harness.Do(client => client.SetAccessToken(Token(), harness.Now));
        Assert.That(harness.Events.OfType<TurnClientEvent.AccessTokenNeeded>().Count(), Is.EqualTo(2));
        harness.Do(client => client.SetAccessToken(Token(), harness.Now));

        Assert.That(harness.Single<TurnClientEvent.AllocationFailed>().Failure, Is.EqualTo(TurnFailure.CredentialsRefused));
    }

    [Test]
    [Rfc(7635, "8")]
    public void A_response_that_the_key_does_not_authenticate_is_discarded()
    {
        ClientHarness harness = Harness(Token());
        harness.Server.Next(StunMethod.Allocate, request => harness.Server.Success(request, signed: false));

        harness.Allocate();

        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocating));
        Assert.That(harness.Client.GetDropCount(TurnDropReason.BadIntegrity), Is.EqualTo(1));
        harness.Pass(Seconds(1));
        Assert.That(harness.Client.State, Is.EqualTo(TurnClientState.Allocated));
    }

    [Test]
    public void A_new_nonce_is_no_failure()
    {
        ClientHarness harness = Harness(Token());
        harness.Allocate();
        for (int i = 0; i < 30; i++)
        {
            harness.Server.Nonce = $"nonce {i}";
            harness.Permit(TransportAddress.Parse($"192.0.2.{i + 1}", 1));
        }

        Assert.That(harness.Events.OfType<TurnClientEvent.PermissionReady>().Count(), Is.EqualTo(30));
    }

    [Test]
    public void The_text_of_a_token_reveals_nothing() =>
        Assert.That(new OAuthAccessToken("kid-1", "abcdef"u8, "ghijkl"u8).ToString(), Is.EqualTo("OAuthAccessToken(kid-1)"));

    [Test]
    public void A_token_that_no_request_could_carry_is_refused()
    {
        Assert.That(static () => new OAuthAccessToken("kid", new byte[513], s_macKey), Throws.ArgumentException);
        Assert.That(static () => new OAuthAccessToken("kid", [], s_macKey), Throws.ArgumentException);
        Assert.That(static () => new OAuthAccessToken("kid", [1], []), Throws.ArgumentException);
        Assert.That(static () => new OAuthAccessToken("", [1], s_macKey), Throws.ArgumentException);
        Assert.That(static () => new OAuthAccessToken("kid", [1], s_macKey, TimeSpan.Zero), Throws.InstanceOf<ArgumentException>());
    }

    private static OAuthAccessToken Token(TimeSpan? lifetime = null) => new("kid-1", [9, 9, 9], s_macKey, lifetime);

    private static ClientHarness Harness(OAuthAccessToken? token, bool withPassword = false)
    {
        var harness = new ClientHarness(options => options with { AccessToken = token, ThirdPartyAuthorization = true, Credential = withPassword ? options.Credential : null });
        harness.Server.TokenKey = new StunKey(s_macKey);
        harness.Server.ThirdPartyName = "turn1@example.com";
        return harness;
    }
}
