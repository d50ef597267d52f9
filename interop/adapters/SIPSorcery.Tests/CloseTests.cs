namespace Ice.SIPSorcery.Tests;

[NonParallelizable]
public sealed class CloseTests
{
    private const int Rounds = 50;

    [Test]
    [Platform("Linux")]
    public async Task Nothing_is_left_of_connections_that_were_opened_and_closed()
    {
        await OpenAndCloseAsync();
        (int sockets, long timers) before = Count();
        for (int i = 0; i < Rounds; i++)
            await OpenAndCloseAsync();
        (int sockets, long timers) after = default;
        bool same = SpinWait.SpinUntil(
            () =>
            {
                after = Count();
                return after.sockets <= before.sockets && after.timers <= before.timers;
            },
            Connections.Limit);
        await TestContext.Out.WriteLineAsync($"before {before}, after {Rounds} rounds {after}");
        Assert.That(same, $"before {before}, after {after}");
    }

    private static async Task OpenAndCloseAsync()
    {
        await using IcePeerConnection offerer = Connections.Ours();
        await using IcePeerConnection answerer = Connections.Ours();
        EchoChannel channel = await EchoChannel.CreateAsync(offerer, answerer);
        Signaling.Trickle(offerer, answerer);
        Signaling.Negotiate(offerer, answerer);
        await Signaling.ConnectedAsync(offerer, answerer);
        await channel.EchoAsync(1);
    }

    private static (int Sockets, long Timers) Count()
    {
        int sockets = Directory.EnumerateFiles("/proc/self/fd").Count(static file =>
        {
            try
            {
                return new FileInfo(file).LinkTarget?.StartsWith("socket:", StringComparison.Ordinal) == true;
            }
            catch (IOException)
            {
                return false; // closed while we looked
            }
        });
        return (sockets, Timer.ActiveCount);
    }
}
