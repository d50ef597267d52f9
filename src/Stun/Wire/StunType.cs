namespace Stun;

/// <summary>The message type of a STUN header: a method and a class, interleaved in 14 bits (RFC 8489 §5, Figure 3).</summary>
/// <param name="Method">The method, 12 bits.</param>
/// <param name="Class">The class, 2 bits.</param>
public readonly record struct StunType(StunMethod Method, StunClass Class)
{
    /// <summary>The largest number that a method can have.</summary>
    public const int MaxMethod = 0xFFF;

    /// <summary>Takes the first 16 bits of a header apart. The two most significant bits are not looked at.</summary>
    public static StunType Decode(ushort value)
    {
        // RFC 8489 Appendix A: "A function to extract the method from the message type:"
        int method = ((value & 0x3E00) >> 2) | ((value & 0x00E0) >> 1) | (value & 0x000F);
        int messageClass = ((value & 0x0100) >> 7) | ((value & 0x0010) >> 4);
        return new StunType((StunMethod)method, (StunClass)messageClass);
    }

    /// <summary>The first 16 bits of the header of such a message.</summary>
    /// <exception cref="InvalidOperationException">The method needs more than 12 bits, or the class more than 2.</exception>
    public ushort Encode()
    {
        int method = (int)Method;
        int messageClass = (int)Class;
        if (method > MaxMethod || messageClass > 3)
            throw new InvalidOperationException($"Method 0x{method:X} with class {messageClass} is no STUN message type: a method has 12 bits, a class 2.");
        // RFC 8489 Appendix A: "A function to convert method and class into a message type:"
        return (ushort)(((method & 0x1F80) << 2) | ((method & 0x0070) << 1) | (method & 0x000F) | ((messageClass & 2) << 7) | ((messageClass & 1) << 4));
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Method} {Class}";
}
