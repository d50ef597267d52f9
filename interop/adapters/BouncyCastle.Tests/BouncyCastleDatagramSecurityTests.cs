using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Ice.Net;
using Ice.Testing;
using Org.BouncyCastle.Tls;

namespace Ice.BouncyCastle.Tests;

/// <summary>Against OpenSSL's own server.</summary>
internal sealed class BouncyCastleDatagramSecurityTests
{
    private static readonly BouncyCastleDatagramSecurity s_security = new();

    [TestCase(false)]
    [TestCase(true)]
    [Rfc(7443, "2")]
    public async Task Data_goes_both_ways_under_the_label_of_TURN_and_the_server_is_told_the_end(bool withCookie)
    {
        // -listen asks for the cookie of RFC 6347 §4.2.1 (HelloVerifyRequest).
        await using OpenSslServer server = await OpenSslServer.StartAsync(withCookie ? ["-listen"] : []);
        WatchedPipe pipe = new(server.Pipe());
        IDatagramPipe dtls = await s_security.ConnectAsync(pipe, server.Options(), default).WaitAsync(AgentPair.Limit);
        await server.Process.PrintedAsync("ALPN protocols selected: stun.turn");
        Assert.That(server.Process.Output(), Does.Contain("Signature Algorithms: ").And.Not.Contain("SHA1").And.Not.Contain("DSA+SHA224"));
        Assert.That(dtls.TrySend("hello from the client\n"u8), Is.True);
        await server.Process.PrintedAsync("hello from the client");
        await server.Process.WriteAsync("hello from the server");
        Assert.That(await ReceiveAsync(dtls), Is.EqualTo("hello from the server\n"));
        await dtls.DisposeAsync();
        await dtls.DisposeAsync();

        await server.Process.PrintedAsync("DONE");
        Assert.That(pipe.Disposed, Is.True);
        Assert.That(dtls.TrySend([1]), Is.False);
        Assert.That(pipe.SentSizes.Max(), Is.LessThanOrEqualTo(s_security.HandshakeDatagramSize));
    }

    [Test]
    public async Task The_goodbye_of_the_server_ends_the_receiving()
    {
        // OpenSSL's server closes its socket before it says goodbye, so this is BouncyCastle's.
        DtlsIdentity identity = new();
        MemoryLink link = new();
        SslClientAuthenticationOptions options = new() { TargetHost = "peer", RemoteCertificateValidationCallback = static (_, certificate, _, _) => certificate is not null };
        Task<DtlsTransport> accepting = DtlsPair.OnThread(() => new DtlsServerProtocol().Accept(new PlainServer(identity), link.Server));
        await using IDatagramPipe dtls = await s_security.ConnectAsync(link.Client, options, default).WaitAsync(AgentPair.Limit);
        DtlsTransport server = await accepting.WaitAsync(AgentPair.Limit);
        ValueTask<int> receive = dtls.ReceiveAsync(new byte[100], default);
        server.Close();

        Assert.That(await receive.AsTask().WaitAsync(AgentPair.Limit), Is.Zero);
        Assert.That(await dtls.ReceiveAsync(new byte[100], default), Is.Zero);
        Assert.That(dtls.TrySend([1]), Is.False);
    }

    [Test]
    public async Task A_receive_can_be_given_up_and_taken_up_again_and_cuts_off_what_does_not_fit()
    {
        await using OpenSslServer server = await OpenSslServer.StartAsync();
        await using IDatagramPipe dtls = await s_security.ConnectAsync(server.Pipe(), server.Options(), default).WaitAsync(AgentPair.Limit);
        using CancellationTokenSource giveUp = new();
        ValueTask<int> receive = dtls.ReceiveAsync(new byte[100], giveUp.Token);
        await giveUp.CancelAsync();
        Assert.That(async () => await receive, Throws.InstanceOf<OperationCanceledException>());
        await server.Process.WriteAsync("0123456789");
        byte[] few = new byte[4];
        Assert.That(await dtls.ReceiveAsync(few, default).AsTask().WaitAsync(AgentPair.Limit), Is.EqualTo(4));
        Assert.That(few, Is.EqualTo("0123"u8.ToArray()));
        await server.Process.WriteAsync("next");
        Assert.That(await ReceiveAsync(dtls), Is.EqualTo("next\n"));
    }

    [Test]
    public async Task What_no_record_holds_is_not_sent_and_ends_nothing()
    {
        await using OpenSslServer server = await OpenSslServer.StartAsync();
        await using IDatagramPipe dtls = await s_security.ConnectAsync(server.Pipe(), server.Options(), default).WaitAsync(AgentPair.Limit);

        Assert.That(dtls.TrySend(new byte[20_000]), Is.False);
        Assert.That(dtls.TrySend([.. Encoding.ASCII.GetBytes(new string('x', 2000)), .. "!end\n"u8]), Is.True, "longer than the MTU: the system fragments it");
        await server.Process.PrintedAsync("!end");
    }

    [Test]
    [Rfc(6347, "4.2.4")]
    public async Task Lost_messages_of_the_handshake_are_repeated()
    {
        await using OpenSslServer server = await OpenSslServer.StartAsync();
        WatchedPipe pipe = new(server.Pipe(), losesSent: static i => i is 0 or 3, losesReceived: static i => i is 1);
        await using IDatagramPipe dtls = await s_security.ConnectAsync(pipe, server.Options(), default).WaitAsync(AgentPair.Limit);
        dtls.TrySend("after the losses\n"u8);
        await server.Process.PrintedAsync("after the losses");
    }

    [TestCase("other.example.org", false, SslPolicyErrors.RemoteCertificateNameMismatch)]
    [TestCase("localhost", true, SslPolicyErrors.RemoteCertificateChainErrors)]
    [TestCase("127.0.0.2", true, SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateChainErrors)]
    [Rfc(8489, "6.2.3")]
    public async Task A_certificate_with_something_wrong_is_refused_and_the_server_is_told(string host, bool stranger, SslPolicyErrors expected)
    {
        await using OpenSslServer server = await OpenSslServer.StartAsync();
        WatchedPipe pipe = new(server.Pipe());
        Assert.That(
            () => s_security.ConnectAsync(pipe, server.Options(host, stranger), default).WaitAsync(AgentPair.Limit),
            Throws.TypeOf<AuthenticationException>().With.Message.EqualTo($"the certificate of '{host}' was refused ({expected})"));
        Assert.That(pipe.Disposed, Is.True);
        await server.Process.PrintedAsync(stranger ? "alert unknown ca" : "alert bad certificate");
    }

    [Test]
    public async Task Where_there_is_a_callback_it_decides()
    {
        await using OpenSslServer server = await OpenSslServer.StartAsync();
        X509Certificate? seen = null;
        SslClientAuthenticationOptions options = server.Options("other.example.org", stranger: true);
        options.RemoteCertificateValidationCallback = (_, certificate, chain, errors) =>
        {
            seen = certificate;
            return chain is not null && errors == (SslPolicyErrors.RemoteCertificateNameMismatch | SslPolicyErrors.RemoteCertificateChainErrors);
        };
        await using IDatagramPipe dtls = await s_security.ConnectAsync(server.Pipe(), options, default).WaitAsync(AgentPair.Limit);
        Assert.That(seen!.Subject, Is.EqualTo("CN=localhost"));

        await using OpenSslServer another = await OpenSslServer.StartAsync();
        options = another.Options();
        options.RemoteCertificateValidationCallback = static (_, _, _, errors) => errors == SslPolicyErrors.None ? throw new InvalidOperationException("pin missing") : true;
        Assert.That(
            () => s_security.ConnectAsync(another.Pipe(), options, default).WaitAsync(AgentPair.Limit),
            Throws.TypeOf<AuthenticationException>().With.Message.Contains("could not be checked: pin missing"));
    }

    [Test]
    [Rfc(7350, "3")]
    public async Task A_server_with_weak_ciphers_alone_is_refused()
    {
        await using OpenSslServer server = await OpenSslServer.StartAsync("-cipher", "AES128-SHA:@SECLEVEL=0");
        Assert.That(
            () => s_security.ConnectAsync(server.Pipe(), server.Options(), default).WaitAsync(AgentPair.Limit),
            Throws.TypeOf<AuthenticationException>().With.Message.Contains("the server ended the DTLS handshake: handshake_failure"));
    }

    [TestCase("DHE-RSA-AES128-GCM-SHA256")]
    [TestCase("ECDHE-RSA-AES128-GCM-SHA256")]
    [Rfc(7350, "3")]
    public async Task The_cipher_suites_that_must_be_there_are(string cipher)
    {
        await using OpenSslServer server = await OpenSslServer.StartAsync("-cipher", cipher);
        await using IDatagramPipe dtls = await s_security.ConnectAsync(server.Pipe(), server.Options(), default).WaitAsync(AgentPair.Limit);
        await server.Process.PrintedAsync($"CIPHER is {cipher}");
    }

    [Test]
    public async Task Nobody_there_is_said_when_the_time_is_over_and_can_be_given_up_earlier()
    {
        using Socket silent = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        IPEndPoint there = (IPEndPoint)silent.LocalEndPoint!;
        SslClientAuthenticationOptions options = new() { TargetHost = "localhost" };
        WatchedPipe pipe = new(UdpPipe.Connect(IPAddress.Loopback, there));
        using CancellationTokenSource giveUp = new();
        Task<IDatagramPipe> given = s_security.ConnectAsync(pipe, options, giveUp.Token);
        await AgentPair.EventuallyAsync(() => !pipe.SentSizes.IsEmpty);
        await giveUp.CancelAsync();
        Assert.That(() => given.WaitAsync(AgentPair.Limit), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(pipe.Disposed, Is.True);

        BouncyCastleDatagramSecurity hasty = new() { HandshakeTimeout = TimeSpan.FromMilliseconds(50) };
        Assert.That(
            () => hasty.ConnectAsync(UdpPipe.Connect(IPAddress.Loopback, there), options, default).WaitAsync(AgentPair.Limit),
            Throws.TypeOf<AuthenticationException>().With.Message.Contains("does the server speak DTLS 1.2 at this UDP port?"));
    }

    [Test]
    public async Task Wrong_use_is_refused_and_the_pipe_is_not_left_open()
    {
        WatchedPipe pipe = new(UdpPipe.Connect(IPAddress.Loopback, new IPEndPoint(IPAddress.Loopback, 9)));
        Assert.That(() => s_security.ConnectAsync(pipe, new SslClientAuthenticationOptions(), default), Throws.ArgumentException.With.Message.Contains("TargetHost"));
        Assert.That(pipe.Disposed, Is.True);
        Assert.That(() => s_security.ConnectAsync(null!, new SslClientAuthenticationOptions(), default), Throws.ArgumentNullException);
        await using UdpPipe plain = UdpPipe.Connect(IPAddress.Loopback, new IPEndPoint(IPAddress.Loopback, 9));
        Assert.That(
            () => new BouncyCastleDatagramSecurity { HandshakeDatagramSize = 20 }.ConnectAsync(plain, new SslClientAuthenticationOptions { TargetHost = "x" }, default),
            Throws.ArgumentException.With.Message.Contains("HandshakeDatagramSize"));
    }

    private static async Task<string> ReceiveAsync(IDatagramPipe pipe)
    {
        byte[] buffer = new byte[2000];
        return Encoding.UTF8.GetString(buffer, 0, await pipe.ReceiveAsync(buffer, default).AsTask().WaitAsync(AgentPair.Limit));
    }
}
