namespace DtlsInterop;

/// <summary>The browser's transport, as its statistics tell.</summary>
internal sealed record BrowserTransport(string Ice, string Dtls, string Version, string Cipher, string Srtp, string Local, string Remote, string RemoteFingerprint, long PacketsReceived);
