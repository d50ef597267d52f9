namespace CoturnInterop;

/// <summary>The coturns of a run.</summary>
internal sealed class Servers(string folder, TestCertificates certificates) : IAsyncDisposable
{
    /// <summary>With users and passwords, nonces that are stale after 2 s, and allocations of 8 s at first.</summary>
    public Coturn Passwords { get; } = new("passwords", folder, certificates, rest: false, swallowUdp: false, "--stale-nonce=2", "--max-allocate-lifetime=8");

    /// <summary>With a shared secret.</summary>
    public Coturn Rest { get; } = new("rest", folder, certificates, rest: true, swallowUdp: false, "--stale-nonce=2", "--max-allocate-lifetime=8");

    /// <summary>Which clients reach over TCP and TLS only.</summary>
    public Coturn StreamsOnly { get; } = new("streams", folder, certificates, rest: false, swallowUdp: true);

    public Task StartAsync(CancellationToken cancellationToken) => Task.WhenAll(
        Passwords.WaitUntilReadyAsync(cancellationToken), Rest.WaitUntilReadyAsync(cancellationToken), StreamsOnly.WaitUntilReadyAsync(cancellationToken));

    public async ValueTask DisposeAsync()
    {
        await Passwords.DisposeAsync();
        await Rest.DisposeAsync();
        await StreamsOnly.DisposeAsync();
    }
}
