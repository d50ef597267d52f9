using System.Buffers.Binary;

namespace Stun;

/// <summary>Walks over the attributes of a <see cref="StunMessage"/> that its reader may look at, in their order in the message.</summary>
public ref struct StunAttributeEnumerator
{
    private readonly ReadOnlySpan<byte> _bytes;
    private int _next;
    private bool _integritySeen;
    private bool _integritySha256Seen;

    internal StunAttributeEnumerator(ReadOnlySpan<byte> bytes)
    {
        _bytes = bytes;
        _next = StunMessage.HeaderLength;
    }

    /// <summary>The attribute at which the enumerator stands.</summary>
    public StunAttribute Current { get; private set; }

    /// <summary>Goes on to the next attribute.</summary>
    /// <returns>False after the last one.</returns>
    public bool MoveNext()
    {
        while (_next < _bytes.Length)
        {
            var type = (StunAttributeType)BinaryPrimitives.ReadUInt16BigEndian(_bytes[_next..]);
            int length = BinaryPrimitives.ReadUInt16BigEndian(_bytes[(_next + 2)..]);
            ReadOnlySpan<byte> value = _bytes.Slice(_next + 4, length);
            _next += 4 + StunMessage.Padded(length);
            if (IsVisible(type))
            {
                Current = new StunAttribute(type, value);
                return true;
            }
        }

        Current = default;
        return false;
    }

    private bool IsVisible(StunAttributeType type)
    {
        bool visible = StunMessage.IsVisible(type, _integritySeen, _integritySha256Seen);
        if (visible)
        {
            _integritySeen |= type == StunAttributeType.MessageIntegrity;
            _integritySha256Seen |= type == StunAttributeType.MessageIntegritySha256;
        }

        return visible;
    }
}
