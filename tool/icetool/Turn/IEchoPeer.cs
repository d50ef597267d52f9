using Stun;

namespace IceTool.Turn;

/// <summary>A peer that sends back what the relay sends to it.</summary>
internal interface IEchoPeer : IAsyncDisposable
{
    TransportAddress Address { get; }

    /// <summary>What it is, in a few words.</summary>
    string Kind { get; }
}
