using Ice.Testing;

namespace Ice.Tests;

public sealed class ConnectTests
{
    [TestCase("127.0.0.1")]
    [TestCase("::1")]
    public async Task Two_agents_connect_and_data_flows_both_ways(string address)
    {
        await using AgentPair pair = await AgentPair.ConnectedAsync(address: address);

        await SendAndReceive(pair.Left, pair.Right, [1, 2, 3]);
        await SendAndReceive(pair.Right, pair.Left, [4, 5]);

        Assert.Multiple(() =>
        {
            Assert.That(pair.Left.State, Is.EqualTo(IceConnectionState.Connected));
            Assert.That(pair.Right.State, Is.EqualTo(IceConnectionState.Connected));
            Assert.That(pair.Left.SelectedPair!.Local.Address, Is.EqualTo(pair.Right.SelectedPair!.Remote.Address));
            Assert.That(pair.Left.SelectedPair!.Remote.Address, Is.EqualTo(pair.Right.SelectedPair!.Local.Address));
        });
    }

    [Test]
    [Rfc(8445, "7.3.1.1")]
    public async Task Two_controlling_agents_agree_on_their_roles()
    {
        await using AgentPair pair = await AgentPair.ConnectedAsync(right: static options => options with { Role = IceRole.Controlling });

        Assert.That(new[] { pair.Left.Role, pair.Right.Role }, Is.EquivalentTo(new[] { IceRole.Controlling, IceRole.Controlled }));
    }

    private static async Task SendAndReceive(IceAgent from, IceAgent to, byte[] data)
    {
        await from.SendAsync(data);
        byte[] buffer = new byte[100];
        IceReceiveResult received = await to.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit);
        Assert.That(buffer[..received.Length], Is.EqualTo(data));
        Assert.That(received.RemoteEndPoint, Is.EqualTo(to.SelectedPair!.Remote.EndPoint));
    }
}
