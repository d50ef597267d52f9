using System.Net.Security;
using System.Security.Authentication;
using Ice.Net;
using Org.BouncyCastle.Tls;

namespace Ice.BouncyCastle;

/// <summary>
/// DTLS 1.2 by BouncyCastle for <see cref="IceAgentOptions.DatagramSecurity"/>: with it, agents reach TURN servers over DTLS
/// (<c>turns:...?transport=udp</c>, RFC 7350).
/// </summary>
/// <remarks>
/// The certificate is checked by .NET, with the trust that the <see cref="IceServer"/> says, as with TLS; key exchanges are ephemeral and ciphers
/// authenticated (AEAD) ones only. Thread-safe: one may serve any number of agents.
/// </remarks>
public sealed class BouncyCastleDatagramSecurity : IDatagramSecurity
{
    /// <summary>
    /// How long a handshake may take: 30 s by default. An agent gives up earlier, after <see cref="IceAgentOptions.GatheringTimeout"/>. Lost messages are
    /// repeated after 1 s, then after twice as long each time (RFC 6347 §4.2.4.1).
    /// </summary>
    public TimeSpan HandshakeTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The largest datagram of a handshake that is sent, in bytes: 1,200 by default, which every IPv6 path carries. Longer messages go in fragments.</summary>
    public int HandshakeDatagramSize { get; init; } = 1200;

    /// <summary>
    /// The largest datagram received, in bytes: 2,560 by default, room for <see cref="IceAgentOptions.MaxDatagramSize"/> by default and for what TURN and
    /// DTLS add. To be raised together with it; longer ones are dropped.
    /// </summary>
    public int MaxDatagramSize { get; init; } = 2560;

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">A size or a time makes no sense, or there is no TargetHost; the message says which.</exception>
    public async Task<IDatagramPipe> ConnectAsync(IDatagramPipe pipe, SslClientAuthenticationOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(pipe);
        ArgumentNullException.ThrowIfNull(options);
#pragma warning disable CA2000 // the association owns it, and where there is none it is disposed of below
        PipeTransport transport = new(pipe, HandshakeDatagramSize, MaxDatagramSize);
#pragma warning restore CA2000
        try
        {
            Check(options);
            TurnDtlsClient client = new(options, HandshakeTimeout);
            return new DtlsPipe(await HandshakeAsync(client, transport, cancellationToken).ConfigureAwait(false), transport);
        }
        catch
        {
            await transport.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<DtlsTransport> HandshakeAsync(TurnDtlsClient client, PipeTransport transport, CancellationToken cancellationToken)
    {
        try
        {
            using CancellationTokenRegistration giveUp = cancellationToken.UnsafeRegister(static state => ((PipeTransport)state!).Close(), transport);
            // BouncyCastle blocks: a thread of its own, for the time of the handshake.
            return await Task.Factory.StartNew(
                () => new DtlsClientProtocol().Connect(client, transport), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).ConfigureAwait(false);
        }
        catch (IOException exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new AuthenticationException(client.Refusal ?? Describe(exception), exception);
        }
    }

    private static string Describe(IOException exception) => exception switch
    {
        TlsFatalAlertReceived received => $"the server ended the DTLS handshake: {AlertDescription.GetText(received.AlertDescription)}",
        TlsFatalAlert alert => $"the DTLS handshake failed: {AlertDescription.GetText(alert.AlertDescription)}{(alert.InnerException is { } inner ? $" ({inner.Message})" : "")}",
        TlsTimeoutException => "the DTLS handshake did not end in time: does the server speak DTLS 1.2 at this UDP port?",
        _ => $"the DTLS handshake failed: {exception.Message}",
    };

    private void Check(SslClientAuthenticationOptions options)
    {
        const int Smallest = 256;
        if (HandshakeDatagramSize < Smallest || MaxDatagramSize < Smallest || MaxDatagramSize > ushort.MaxValue)
            throw new ArgumentException($"HandshakeDatagramSize and MaxDatagramSize must be {Smallest} bytes at least and 65,535 at most: they are {HandshakeDatagramSize} and {MaxDatagramSize}.");
        if (HandshakeTimeout <= TimeSpan.Zero || HandshakeTimeout.TotalMilliseconds > int.MaxValue)
            throw new ArgumentException($"HandshakeTimeout must be more than zero and less than 24 days: it is {HandshakeTimeout}.");
        if (string.IsNullOrEmpty(options.TargetHost))
            throw new ArgumentException("TargetHost is empty: without a name there is nothing to check the certificate against.", nameof(options));
    }
}
