using System.Text;
using Stun;

namespace Ice.Simulation.Tests;

/// <summary>A host with one socket that remembers what it received.</summary>
internal sealed class Endpoint
{
    public Endpoint(SimHost host, SimSocket socket)
    {
        Host = host;
        Socket = socket;
        socket.OnReceive((_, remote, datagram) => Received.Add((remote, Encoding.UTF8.GetString(datagram))));
    }

    public SimHost Host { get; }

    public SimSocket Socket { get; }

    public TransportAddress Address => Socket.LocalAddress;

    public Link Link => Socket.Interface.Link;

    public List<(TransportAddress From, string Text)> Received { get; } = [];

    public void Send(TransportAddress remote, string text) => Socket.Send(remote, Encoding.UTF8.GetBytes(text));
}
