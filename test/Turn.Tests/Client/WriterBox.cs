using Stun;

namespace Turn.Tests.Client;

/// <summary>Builds a response step by step; unlike the writer of the library it can be handed around.</summary>
internal sealed class WriterBox(SentRequest request, StunClass responseClass)
{
    private readonly List<(StunAttributeType Type, byte[] Value)> _attributes = [];

    public void Add(StunAttributeType type, ReadOnlySpan<byte> value) => _attributes.Add((type, value.ToArray()));

    public void AddText(StunAttributeType type, string text) => Add(type, System.Text.Encoding.UTF8.GetBytes(text));

    public void AddUInt32(StunAttributeType type, uint value) => Add(type, [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);

    public void AddAddress(StunAttributeType type, TransportAddress address) => AddEncoded(type, address, xor: false);

    public void AddXor(StunAttributeType type, TransportAddress address) => AddEncoded(type, address, xor: true);

    public void Remove(StunAttributeType type) => _ = _attributes.RemoveAll(attribute => attribute.Type == type);

    public byte[] ToArray()
    {
        byte[] buffer = new byte[70_000];
        StunWriter writer = Begin(buffer);
        return writer.Written.ToArray();
    }

    public byte[] Sign(StunKey key, bool sha256)
    {
        byte[] buffer = new byte[70_000];
        StunWriter writer = Begin(buffer);
        if (sha256)
            writer.AddMessageIntegritySha256(key);
        else
            writer.AddMessageIntegrity(key);
        return writer.Written.ToArray();
    }

    private void AddEncoded(StunAttributeType type, TransportAddress address, bool xor)
    {
        byte[] buffer = new byte[64];
        var writer = new StunWriter(buffer, request.Method, responseClass, request.Id);
        if (xor)
            writer.AddXorAddress(type, address);
        else
            writer.AddAddress(type, address);
        Add(type, writer.Written[(StunMessage.HeaderLength + 4)..]);
    }

    private StunWriter Begin(byte[] buffer)
    {
        var writer = new StunWriter(buffer, request.Method, responseClass, request.Id);
        foreach ((StunAttributeType type, byte[] value) in _attributes)
            writer.Add(type, value);
        return writer;
    }
}
