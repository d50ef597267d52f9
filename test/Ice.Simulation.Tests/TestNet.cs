using Stun;

namespace Ice.Simulation.Tests;

/// <summary>A network with an Internet, and a record of all that happens in it.</summary>
internal sealed class TestNet
{
    private readonly Recorder _recorder = new();

    public TestNet(ulong seed)
    {
        Network = new SimNetwork(seed);
        Internet = new Realm(Network, "internet");
        Network.AddTap(_recorder);
    }

    public SimNetwork Network { get; }

    public Realm Internet { get; }

    public IReadOnlyList<PacketRecord> Records => _recorder.Records;

    public IEnumerable<PacketDropCause> Drops() => from record in Records where record.Fate == PacketFate.Dropped select record.Cause;

    public Endpoint Host(string name, Realm realm, string address, LinkConditions? conditions = null, int port = 4000)
    {
        var host = new SimHost(Network, name);
        SimInterface nic = host.AddInterface("eth0", realm, new Link(Network, conditions ?? LinkConditions.Perfect), address);
        return new Endpoint(host, host.Bind(nic.Addresses[0].WithPort(port)));
    }

    public void Settle() => Network.RunFor(TimeSpan.FromSeconds(1));

    private sealed class Recorder : PacketTap
    {
        public List<PacketRecord> Records { get; } = [];

        public override void OnPacket(in PacketRecord record) => Records.Add(record);
    }
}
