using Ice.Testing;

namespace Ice.Tests;

/// <summary>Whatever application data begins with, it is the application's: STUN is told by more than its first byte, channels by their sender.</summary>
[Rfc(7983, "7"), Rfc(9443, "3"), Rfc(8489, "6.3")]
public sealed class FirstByteTests
{
    [Test]
    public async Task Data_with_any_first_byte_arrives_on_a_direct_pair()
    {
        await using AgentPair pair = await AgentPair.ConnectedAsync();
        await ExchangeAsync(pair);
    }

    [TestCase("udp")]
    [TestCase("tcp")]
    public async Task Data_with_any_first_byte_arrives_through_a_relay(string transport)
    {
        await using TurnRig rig = await TurnRig.StartAsync();
        await using AgentPair pair = await AgentPair.ConnectedAsync(options => TurnRig.RelayOnly(options, rig.Over(transport)));
        await ExchangeAsync(pair);
    }

    private static async Task ExchangeAsync(AgentPair pair)
    {
        byte[] buffer = new byte[100];
        foreach ((IceAgent from, IceAgent to) in new[] { (pair.Left, pair.Right), (pair.Right, pair.Left) })
        {
            for (int first = 0; first <= 255; first++)
            {
                // The shorter ones are no STUN for their length, the longer ones for their cookie; as ChannelData all claim 7 bytes.
                foreach (int length in new[] { 1, 4, 11, 20, 40 })
                {
                    byte[] data = new byte[length];
                    data[0] = (byte)first;
                    data.AsSpan(Math.Min(3, length - 1), 1)[0] = length == 1 ? (byte)first : (byte)7;
                    await from.SendAsync(data);
                    IceReceiveResult received = await to.ReceiveAsync(buffer).AsTask().WaitAsync(AgentPair.Limit);
                    Assert.That(buffer[..received.Length], Is.EqualTo(data), $"first byte {first}, {length} bytes");
                }
            }
        }
    }
}
