using System.Buffers.Binary;
using System.Security.Cryptography;
using Stun;

namespace Turn;

/// <summary>Makes and opens mobility tickets (RFC 8016 §3.1.2): an allocation's number and how often its client has moved, sealed.</summary>
internal sealed class MobilityTickets
{
    private const int KeyLength = 32;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int ContentLength = 12;
    private const int TicketLength = NonceLength + ContentLength + TagLength;

    private readonly byte[] _key = new byte[KeyLength];
    private readonly EntropySource _entropy;

    public MobilityTickets(EntropySource entropy)
    {
        _entropy = entropy;
        entropy.Fill(_key);
    }

    // RFC 8016 §5: "The TURN server MUST always ensure that the ticket is authenticated and encrypted using strong cryptographic algorithms
    // to prevent modification or eavesdropping by an attacker."
    public byte[] Seal(long allocation, uint generation)
    {
        Span<byte> content = stackalloc byte[ContentLength];
        BinaryPrimitives.WriteInt64BigEndian(content, allocation);
        BinaryPrimitives.WriteUInt32BigEndian(content[8..], generation);
        byte[] ticket = new byte[TicketLength];
        Span<byte> nonce = ticket.AsSpan(0, NonceLength);
        _entropy.Fill(nonce);
        using var cipher = new AesGcm(_key, TagLength);
        cipher.Encrypt(nonce, content, ticket.AsSpan(NonceLength, ContentLength), ticket.AsSpan(NonceLength + ContentLength));
        return ticket;
    }

    public bool TryOpen(ReadOnlySpan<byte> ticket, out long allocation, out uint generation)
    {
        allocation = 0;
        generation = 0;
        if (ticket.Length != TicketLength)
            return false;
        Span<byte> content = stackalloc byte[ContentLength];
        using var cipher = new AesGcm(_key, TagLength);
        try
        {
            cipher.Decrypt(ticket[..NonceLength], ticket.Slice(NonceLength, ContentLength), ticket[(NonceLength + ContentLength)..], content);
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }

        allocation = BinaryPrimitives.ReadInt64BigEndian(content);
        generation = BinaryPrimitives.ReadUInt32BigEndian(content[8..]);
        return true;
    }
}
