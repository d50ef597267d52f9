using Stun;

namespace Ice.Server.Tests;

/// <summary>Messages as a client sends them.</summary>
internal static class Requests
{
    public static readonly byte[] Id = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    public static TransactionId TransactionId => new(Id);

    public static byte[] Binding(bool fingerprint = false, params ushort[] unknownTypes) => Make(StunMethod.Binding, StunClass.Request, fingerprint, unknownTypes);

    public static byte[] Make(StunMethod method, StunClass messageClass, bool fingerprint = false, params ushort[] unknownTypes)
    {
        byte[] buffer = new byte[1024];
        var writer = new StunWriter(buffer, method, messageClass, TransactionId);
        foreach (ushort type in unknownTypes)
            writer.AddUInt32((StunAttributeType)type, 0);
        if (fingerprint)
            writer.AddFingerprint();
        return writer.Written.ToArray();
    }
}
