using Stun;

namespace Ice.Core;

/// <summary>Writes the messages of ICE: checks, their responses, gathering requests and keepalives.</summary>
internal static class MessageEncoder
{
    public static int Encode(in PendingSend send, string? software, Span<byte> buffer) => send.Class switch
    {
        StunClass.Request => EncodeRequest(send, software, buffer),
        StunClass.Indication => EncodeIndication(send, buffer),
        StunClass.SuccessResponse => EncodeSuccess(send, buffer),
        _ => EncodeError(send, software, buffer),
    };

    private static int EncodeRequest(in PendingSend send, string? software, Span<byte> buffer)
    {
        TransactionId id = send.Request?.Id ?? send.TransactionId;
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Request, id);
        if (software is not null)
            writer.AddText(StunAttributeType.Software, software);
        if ((send.Request?.Check?.Content ?? send.Probe) is { } check)
        {
            // RFC 8445 §7.2.2: "A connectivity-check Binding request MUST utilize the STUN short-term credential mechanism."
            Span<byte> username = stackalloc byte[check.Remote.UsernameLength];
            check.Remote.WriteUsername(username);
            writer.Add(StunAttributeType.Username, username);
            writer.AddUInt32(StunAttributeType.Priority, check.Priority);
            writer.AddUInt64(check.Role == IceRole.Controlling ? StunAttributeType.IceControlling : StunAttributeType.IceControlled, check.TieBreaker);
            if (check.UseCandidate)
                writer.AddEmpty(StunAttributeType.UseCandidate);
            writer.AddMessageIntegrity(check.Remote.Key);
        }

        // RFC 8445 §7.2.4: "The FINGERPRINT mechanism MUST be used for connectivity checks."
        writer.AddFingerprint();
        return writer.Length;
    }

    private static int EncodeIndication(in PendingSend send, Span<byte> buffer)
    {
        // RFC 8445 §11: "The Indication MUST NOT utilize any authentication mechanism.  It SHOULD contain the FINGERPRINT attribute to aid
        // in demultiplexing, but it SHOULD NOT contain any other attributes."
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.Indication, send.TransactionId);
        writer.AddFingerprint();
        return writer.Length;
    }

    private static int EncodeSuccess(in PendingSend send, Span<byte> buffer)
    {
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.SuccessResponse, send.TransactionId);
        writer.AddXorAddress(StunAttributeType.XorMappedAddress, send.Path.Remote);
        AddIntegrity(ref writer, send.Key!, send.Sha256);
        writer.AddFingerprint();
        return writer.Length;
    }

    private static int EncodeError(in PendingSend send, string? software, Span<byte> buffer)
    {
        var writer = new StunWriter(buffer, StunMethod.Binding, StunClass.ErrorResponse, send.TransactionId);
        if (software is not null)
            writer.AddText(StunAttributeType.Software, software);
        writer.AddErrorCode(send.ErrorCode, StunErrorCode.DefaultReason(send.ErrorCode));
        if (send.UnknownAttributes is { } unknown)
            writer.AddUnknownAttributes(unknown);
        if (send.Key is { } key)
            AddIntegrity(ref writer, key, send.Sha256);
        writer.AddFingerprint();
        return writer.Length;
    }

    private static void AddIntegrity(ref StunWriter writer, StunKey key, bool sha256)
    {
        if (sha256)
            writer.AddMessageIntegritySha256(key);
        else
            writer.AddMessageIntegrity(key);
    }
}
