using Stun;

namespace Turn.Tests.Client;

/// <summary>A message that the client sent, and when.</summary>
internal sealed record SentRequest(byte[] Bytes, Instant At)
{
    public StunMethod Method => Parse().Method;

    public TransactionId Id => Parse().TransactionId;

    public TimeSpan Time => At.SinceOrigin;

    public TimeSpan? Lifetime => Parse().TryGetLifetime(out TimeSpan lifetime) ? lifetime : null;

    public ushort? Channel => Parse().TryGetChannelNumber(out ushort number) ? number : null;

    public string? Nonce => Parse().TryGetText(StunAttributeType.Nonce, out string nonce) ? nonce : null;

    public TransportAddress[] Peers
    {
        get
        {
            List<TransportAddress> peers = [];
            StunMessage message = Parse();
            foreach (StunAttribute attribute in message)
            {
                if (attribute.Type == StunAttributeType.XorPeerAddress && message.TryReadXorAddress(attribute.Value, out TransportAddress peer))
                    peers.Add(peer);
            }

            return [.. peers];
        }
    }

    public bool IsSigned => Parse().HasMessageIntegrity || Parse().HasMessageIntegritySha256;

    public bool Has(StunAttributeType type) => Parse().Has(type);

    public byte[]? Value(StunAttributeType type) => Parse().TryGet(type, out ReadOnlySpan<byte> value) ? value.ToArray() : null;

    public StunMessage Parse() => StunMessage.TryParse(Bytes, out StunMessage message, out StunParseError error)
        ? message
        : throw new InvalidOperationException($"The client sent what is no STUN message: {error}.");
}
