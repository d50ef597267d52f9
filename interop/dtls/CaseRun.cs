using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using BrowserInterop;
using Ice;
using Interop;

namespace DtlsInterop;

/// <summary>One case: an agent, its bridge, OpenSSL behind it, and the browser's page. The signaling is this harness.</summary>
internal sealed partial class CaseRun : IAsyncDisposable
{
    private static readonly string[] s_mediaOptions =
        ["-use_srtp", "SRTP_AES128_CM_SHA1_80", "-keymatexport", SrtpKeys.ExporterLabel, "-keymatexportlen", $"{SrtpKeys.ExportedLength}"];

    private readonly InteropCase _test;
    private readonly OpenSslCertificate _certificate;
    private readonly IceAgent _agent;
    private readonly BrowserPage _page;
    private IceUdpBridge? _bridge;
    private OpenSsl? _openssl;
    private MediaTap? _tap;

    private CaseRun(InteropCase test, OpenSslCertificate certificate, IceAgent agent, BrowserPage page)
    {
        _test = test;
        _certificate = certificate;
        _agent = agent;
        _page = page;
    }

    public static async Task<CaseRun> StartAsync(InteropCase test, OpenSslCertificate certificate, BrowserHost browsers, RelayServer relay, CancellationToken cancellationToken)
    {
        string browserConfiguration = test.Relayed ? await relay.DescribeForBrowserAsync(cancellationToken) : "{}";
        // What the agent does from its beginning is counted.
        _ = await Resources.CountAsync(static _ => true, cancellationToken);
        BrowserPage page = await BrowserPage.OpenAsync(browsers, browserConfiguration, test.Media, cancellationToken);
        var agent = new IceAgent(new IceAgentOptions
        {
            Role = test.AgentOffers ? IceRole.Controlling : IceRole.Controlled,
            Servers = [.. ServersOf(browserConfiguration)],
            Policy = test.Relayed ? IceTransportPolicy.Relay : IceTransportPolicy.All,
        });
        return new CaseRun(test, certificate, agent, page);
    }

    /// <summary>Runs it; what it returns is added to its line.</summary>
    public async Task<string> RunAsync(CancellationToken cancellationToken)
    {
        await StartOpenSslAsync(cancellationToken);
        await foreach (IceCandidate _ in _agent.GatherAsync(cancellationToken))
        {
            // All of them go into one description.
        }

        string browserDescription = await ExchangeAsync(cancellationToken);
        string state = await _page.WaitForEndAsync(cancellationToken);
        BrowserTransport transport = await _page.ReadTransportAsync(cancellationToken);
        if (_test.WrongFingerprint)
        {
            Check(state == "failed" && transport is { Dtls: "failed", Ice: "connected" or "completed" }, $"the browser took a certificate that our description does not name: {state}, {transport}");
            return $"refused by the browser: ICE {transport.Ice}, DTLS {transport.Dtls}";
        }

        Check(state == "connected", $"the browser reports {state}: {transport}");
        await CheckCertificatesAsync(browserDescription, transport, cancellationToken);
        CheckPairs(transport);
        string remark = $"{transport.Local} to {transport.Remote}, {transport.Cipher}";
        return _test.Media ? $"{remark}, {await CheckMediaAsync(transport, browserDescription, cancellationToken)}" : remark;
    }

    /// <summary>What is known where it went wrong.</summary>
    public string Describe()
    {
        string bridge = _bridge is null ? "" : $"\n     bridge: {_bridge.GetStats()}";
        string errors = _openssl is null ? "" : string.Concat(_openssl.Errors.Trim().Split('\n').TakeLast(5).Select(line => $"\n     openssl: {line}"));
        IceStats stats = _agent.GetStats();
        return $"\n     agent: {_agent.State}, {_agent.SelectedPair}, {stats.UnacceptedDatagrams} datagrams from paths not accepted{bridge}{errors}"
            + $"\n     remote: {string.Join(" | ", _agent.RemoteCandidates)}"
            + string.Concat(stats.CandidatePairs.Select(pair => $"\n     pair {pair.Id}: {pair.LocalCandidate.Address} to {pair.RemoteCandidate.Type} {pair.RemoteCandidate.Address}, {pair.State}{(pair.Nominated ? " nominated" : "")}, sent {pair.RequestsSent}, answered {pair.ResponsesReceived}, received {pair.RequestsReceived} {pair.FailureReason}"))
            + $"\n     drops: {string.Join(", ", stats.StunDrops.Select(d => $"{d.Key} {d.Value}"))}";
    }

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        if (_bridge is not null)
            await _bridge.DisposeAsync();
        await _agent.DisposeAsync();
        if (_openssl is not null)
            await _openssl.DisposeAsync();
        _tap?.Dispose();
    }

    private static IEnumerable<IceServer> ServersOf(string browserConfiguration) =>
        (JsonNode.Parse(browserConfiguration)!["iceServers"]?.AsArray() ?? []).Select(server =>
            new IceServer((string)server!["urls"]!, (string)server["username"]!, (string)server["credential"]!));

    private static void Check(bool holds, string what)
    {
        if (!holds)
            throw new InvalidOperationException(what);
    }

    // Before there is a pair: a client's first flight has to wait in the bridge.
    private async Task StartOpenSslAsync(CancellationToken cancellationToken)
    {
        if (_test.Server)
        {
            _openssl = OpenSsl.StartServer(_certificate, _test.Media ? s_mediaOptions : []);
            System.Net.IPEndPoint application = await _openssl.WaitUntilListeningAsync(cancellationToken);
            if (_test.Media)
                _tap = new MediaTap(application);
            _bridge = IceUdpBridge.Start(_agent, new() { Application = _tap?.EndPoint ?? application }, cancellationToken);
            _tap?.Start(_bridge.LocalEndPoint);
            return;
        }

        _bridge = IceUdpBridge.Start(_agent, cancellationToken: cancellationToken);
        _openssl = OpenSsl.StartClient(_certificate, _bridge.LocalEndPoint);
        _ = await _bridge.WaitForApplicationAsync(cancellationToken);
    }

    private async Task<string> ExchangeAsync(CancellationToken cancellationToken)
    {
        string fingerprint = _test.WrongFingerprint ? OpenSslCertificate.MadeUpFingerprint() : _certificate.Fingerprint;
        var ours = new SessionText(_agent, fingerprint, _test.Setup);
        if (_test.AgentOffers)
            await _page.SetRemoteAsync(offer: true, ours.Offer(), cancellationToken);
        string description = await _page.DescribeAsync(offer: !_test.AgentOffers, cancellationToken);
        Check(SessionText.Value(description, "setup") == _test.BrowserSetup, $"the browser's a=setup is {SessionText.Value(description, "setup")}, and not {_test.BrowserSetup}");
        if (!_test.AgentOffers)
            await _page.SetRemoteAsync(offer: false, ours.Answer(description), cancellationToken);
        IceSdp sdp = IceSdp.Parse(description);
        _agent.SetRemoteParameters(sdp.GetParameters(sdp.Media[0], out string? problem) ?? throw new InvalidOperationException(problem));
        foreach (IceCandidate candidate in sdp.Media[0].Candidates)
            _agent.AddRemoteCandidate(candidate);
        _agent.AddRemoteCandidate(null);
        return description;
    }

    // Each end compares the certificate that came over DTLS with the fingerprint of the other's description (RFC 8122 §6.2).
    private async Task CheckCertificatesAsync(string browserDescription, BrowserTransport transport, CancellationToken cancellationToken)
    {
        Match printed = await _openssl!.WaitForAsync(PeerCertificate(), cancellationToken);
        string? shown = OpenSslCertificate.FindFingerprint(printed.Value);
        string promised = SessionText.Value(browserDescription, "fingerprint");
        Check(promised == $"sha-256 {shown}", $"openssl met the certificate {shown}, but the browser's description promised {promised}");
        Check(transport.RemoteFingerprint == _certificate.Fingerprint, $"the browser met the certificate {transport.RemoteFingerprint}, but ours is {_certificate.Fingerprint}");
    }

    private void CheckPairs(BrowserTransport transport)
    {
        IceCandidateType? ours = _agent.SelectedPair?.Local.Type;
        Check(!_test.Relayed || (ours == IceCandidateType.Relayed && transport is { Local: "relay" }), $"not relayed on both sides: {ours} on ours, {transport.Local} on the browser's");
    }

    private async Task<string> CheckMediaAsync(BrowserTransport transport, string browserDescription, CancellationToken cancellationToken)
    {
        Check(transport.Srtp == "SRTP_AES128_CM_HMAC_SHA1_80", $"the browser protects media with {transport.Srtp}");
        Match exported = await _openssl!.WaitForAsync(KeyingMaterial(), cancellationToken);
        _ = await _openssl.WaitForAsync(Profile(), cancellationToken);
        SrtpKeys keys = SrtpKeys.OfClient(Convert.FromHexString(exported.Groups[1].Value));
        string remark = await _tap!.CheckAsync(keys, cancellationToken);
        return _test.Restarts == 0
            ? remark
            : await new MediaRestarts(_agent, _page, _tap, _certificate.Fingerprint).RunAsync(_test.Restarts, browserDescription, keys, cancellationToken);
    }

    [GeneratedRegex("(Client|Server) certificate\r?\n-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", RegexOptions.Singleline)]
    private static partial Regex PeerCertificate();

    [GeneratedRegex("Keying material: ([0-9A-F]{120})")]
    private static partial Regex KeyingMaterial();

    [GeneratedRegex("SRTP Extension negotiated, profile=SRTP_AES128_CM_SHA1_80")]
    private static partial Regex Profile();
}
