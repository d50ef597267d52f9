using System.Text;
using Stun;

namespace Ice.Server;

/// <summary>Answers STUN Binding requests (RFC 8489 §6.3.1): a datagram and its source go in, the answer's bytes come out.</summary>
/// <remarks>
/// Pure and without state: Binding is idempotent, so a retransmission is simply answered again. Never throws on what the network sends and
/// allocates nothing. Thread-safe.
/// </remarks>
public sealed class BindingResponder
{
    /// <summary>A response buffer of this many bytes is always large enough.</summary>
    public const int MaxResponseLength = 1024;

    /// <summary>The most characters of SOFTWARE.</summary>
    /// <remarks>RFC 8489 §14.14: "It MUST be a UTF-8-encoded [RFC3629] sequence of fewer than 128 characters".</remarks>
    public const int MaxSoftwareLength = 127;

    // An answer longer than its request would make the server an amplifier: only so many unknown types are named.
    private const int MaxUnknownReported = 16;

    // What this server understands of 0x0000-0x7FFF: all of RFC 8489 §14. Credentials in a Binding request are understood and not needed.
    // CHANGE-REQUEST and RESPONSE-PORT (RFC 5780) are not among them: a client learns from the 420 that this server has one address only.
    private static readonly StunAttributeType[] s_known =
    [
        StunAttributeType.MappedAddress, StunAttributeType.Username, StunAttributeType.MessageIntegrity, StunAttributeType.ErrorCode,
        StunAttributeType.UnknownAttributes, StunAttributeType.Realm, StunAttributeType.Nonce, StunAttributeType.MessageIntegritySha256,
        StunAttributeType.PasswordAlgorithm, StunAttributeType.UserHash, StunAttributeType.XorMappedAddress,
    ];

    private readonly byte[] _software;

    /// <summary>Creates a responder.</summary>
    /// <param name="software">SOFTWARE of the answers; null or empty sends none.</param>
    /// <exception cref="ArgumentException"><paramref name="software"/> has 128 characters or more.</exception>
    public BindingResponder(string? software)
    {
        if (software?.Length > MaxSoftwareLength)
            throw new ArgumentException($"SOFTWARE has {software.Length} characters; RFC 8489 §14.14 allows {MaxSoftwareLength}: shorten it, or pass null to send none.", nameof(software));
        _software = Encoding.UTF8.GetBytes(software ?? "");
    }

    /// <summary>Handles one datagram.</summary>
    /// <param name="datagram">What was received.</param>
    /// <param name="source">Where it came from, and where the answer goes.</param>
    /// <param name="response">Receives the answer: <see cref="MaxResponseLength"/> bytes always suffice.</param>
    /// <param name="outcome">What was made of it.</param>
    /// <returns>The answer's length; 0 when there is none to send.</returns>
    /// <exception cref="ArgumentException"><paramref name="response"/> is shorter than <see cref="MaxResponseLength"/>.</exception>
    public int Respond(ReadOnlySpan<byte> datagram, TransportAddress source, Span<byte> response, out BindingOutcome outcome)
    {
        if (response.Length < MaxResponseLength)
            throw new ArgumentException($"The response buffer needs {MaxResponseLength} bytes; it has {response.Length}.", nameof(response));

        if (source.IsNone || source.Port == 0 || source.IsAny || source.IsMulticast)
        {
            outcome = BindingOutcome.UnusableSource;
            return 0;
        }

        // RFC 8489 §6.3: "If any errors are detected, the message is silently discarded."
        if (!StunMessage.TryParse(datagram, out StunMessage message, out StunParseError error))
        {
            outcome = OutcomeOf(error);
            return 0;
        }

        outcome = Classify(message);
        return outcome == BindingOutcome.Success ? Answer(message, source, response, out outcome) : 0;
    }

    private static BindingOutcome OutcomeOf(StunParseError error) => error switch
    {
        StunParseError.NotStun => BindingOutcome.NotStun,
        StunParseError.Rfc3489 => BindingOutcome.Rfc3489,
        StunParseError.BadFingerprint => BindingOutcome.BadFingerprint,
        _ => BindingOutcome.Malformed,
    };

    private static BindingOutcome Classify(StunMessage message) => message.Class switch
    {
        // RFC 8489 §6.3.2: "No response is generated for an indication."
        StunClass.Indication => BindingOutcome.Indication,
        StunClass.Request when message.Method == StunMethod.Binding => BindingOutcome.Success,
        StunClass.Request => BindingOutcome.UnsupportedMethod,
        _ => BindingOutcome.UnexpectedResponse,
    };

    private int Answer(StunMessage request, TransportAddress source, Span<byte> response, out BindingOutcome outcome)
    {
        Span<ushort> unknown = stackalloc ushort[MaxUnknownReported];
        int unknownCount = request.GetUnknownComprehensionRequired(unknown, s_known);
        outcome = unknownCount == 0 ? BindingOutcome.Success : BindingOutcome.UnknownAttributes;
        scoped var writer = new StunWriter(response, StunMethod.Binding, unknownCount == 0 ? StunClass.SuccessResponse : StunClass.ErrorResponse, request.TransactionId);
        if (unknownCount == 0)
        {
            // RFC 8489 §6.3.1.1: "the server adds an XOR-MAPPED-ADDRESS attribute to the response; this attribute contains the source
            // transport address of the request message"
            writer.AddXorAddress(StunAttributeType.XorMappedAddress, source.WithoutScope());
        }
        else
        {
            // RFC 8489 §6.3.1: "the server replies with an error response with an error code of 420 (Unknown Attribute) and includes an
            // UNKNOWN-ATTRIBUTES attribute in the response that lists the unknown comprehension-required attributes."
            writer.AddErrorCode(StunErrorCode.UnknownAttribute);
            writer.AddUnknownAttributes(unknown[..Math.Min(unknownCount, unknown.Length)]);
        }

        if (_software.Length > 0)
            writer.Add(StunAttributeType.Software, _software);

        // FINGERPRINT is left to the usage (RFC 8489 §7): who sent it shares the port with another protocol and needs it in the answer too.
        if (request.HasFingerprint)
            writer.AddFingerprint();
        return writer.Length;
    }
}
