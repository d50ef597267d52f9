using System.Threading.Channels;
using Ice.Testing;

namespace Ice.Tests;

[Rfc(8445, "9")]
public sealed class RestartTests
{
    [Test]
    public async Task Data_flows_through_a_restart_on_the_same_sockets()
    {
        await using AgentPair pair = await AgentPair.ConnectedAsync();
        IceParameters before = pair.Left.LocalParameters;
        int port = pair.Left.LocalCandidates[0].Port;
        byte[] buffer = new byte[10];

        await RestartAsync(pair, async () =>
        {
            // Between the restart and the new session the old pair carries the data.
            await pair.Left.SendAsync(new byte[] { 1 });
            Assert.That((await pair.Right.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit)).Length, Is.EqualTo(1));
        });
        await pair.ConnectAsync();
        await pair.Right.SendAsync(new byte[] { 2, 2 });
        Assert.That((await pair.Left.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit)).Length, Is.EqualTo(2));

        Assert.Multiple(() =>
        {
            Assert.That(pair.Left.LocalParameters.UsernameFragment, Is.Not.EqualTo(before.UsernameFragment));
            Assert.That(pair.Left.LocalParameters.Password, Is.Not.EqualTo(before.Password));
            Assert.That(pair.Left.LocalCandidates[0].Port, Is.EqualTo(port));
            Assert.That(pair.Left.State, Is.EqualTo(IceConnectionState.Connected));
        });
    }

    [Test]
    public async Task No_datagram_is_lost_while_data_flows_all_the_time()
    {
        await using AgentPair pair = await AgentPair.ConnectedAsync();
        const int Count = 2000;
        // Fewer under way than the receive buffer holds: what is tested is the restart.
        Channel<byte> window = Channel.CreateUnbounded<byte>();
        for (int i = 0; i < 100; i++)
            window.Writer.TryWrite(0);
        Task receiving = ReceiveAsync(pair.Right, Count, window);
        Task sending = Task.Run(async () =>
        {
            for (int i = 0; i < Count; i++)
            {
                await window.Reader.ReadAsync();
                await pair.Left.SendAsync(new byte[100]);
            }
        });
        for (int i = 0; i < 3; i++)
        {
            await RestartAsync(pair, static () => Task.CompletedTask);
            await pair.ConnectAsync();
        }

        await sending.WaitAsync(AgentPair.Limit);
        await receiving.WaitAsync(AgentPair.Limit);
        Assert.That(pair.Left.GetStats().PacketsSent, Is.EqualTo(Count));
    }

    [Test]
    public async Task A_failed_agent_recovers_by_a_restart()
    {
        await using MemoryPair pair = await MemoryPair.ConnectedAsync();
        pair.Network.Passes = static (_, _) => false;
        await pair.AdvanceUntilAsync(() => pair.Left.State == IceConnectionState.Failed && pair.Right.State == IceConnectionState.Failed, TimeSpan.FromSeconds(40));
        pair.Network.Passes = null;

        await pair.Left.RestartAsync();
        await pair.Right.RestartAsync();
        pair.Exchange();
        await pair.ConnectAsync();
        Assert.That(pair.Left.TrySend([1]), Is.True);
    }

    [Test]
    public async Task A_restart_may_bring_its_own_credentials()
    {
        await using MemoryPair pair = await MemoryPair.ConnectedAsync();
        IceParameters given = new("brandnew", "abcdefghijklmnopqrstuvwx");
        IceParameters used = await pair.Left.RestartAsync(given);
        Assert.That((used.UsernameFragment, used.Password), Is.EqualTo((given.UsernameFragment, given.Password)));
        Assert.That(pair.Left.LocalParameters, Is.SameAs(used));
    }

    private static async Task RestartAsync(AgentPair pair, Func<Task> meanwhile)
    {
        await pair.Left.RestartAsync();
        await pair.Right.RestartAsync();
        await meanwhile();
        await pair.ExchangeAsync();
    }

    private static async Task ReceiveAsync(IceAgent agent, int count, Channel<byte> window)
    {
        byte[] buffer = new byte[2048];
        for (int i = 0; i < count; i++)
        {
            await agent.ReceiveAsync(buffer);
            window.Writer.TryWrite(0);
        }
    }
}
