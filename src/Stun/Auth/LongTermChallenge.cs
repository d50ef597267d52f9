namespace Stun;

/// <summary>What a server asked for in its last 401 or 438, and the key that follows from it. Immutable.</summary>
internal sealed record LongTermChallenge
{
    public required string Realm { get; init; }

    public required byte[] RealmUtf8 { get; init; }

    public required byte[] Nonce { get; init; }

    /// <summary>The value of PASSWORD-ALGORITHMS as it came; null when the server sent none.</summary>
    public byte[]? Algorithms { get; init; }

    public PasswordAlgorithm Algorithm { get; init; } = PasswordAlgorithm.Md5;

    /// <summary>The USERHASH that stands for USERNAME; null when the server takes usernames.</summary>
    public byte[]? UserHash { get; init; }

    public required StunKey Key { get; init; }

    // RFC 8489 §9.2.5: "If the response contains a PASSWORD-ALGORITHMS attribute, all the subsequent requests MUST be authenticated using
    // MESSAGE-INTEGRITY-SHA256 only."
    public StunIntegrity Integrity => Algorithms is null ? StunIntegrity.Sha1 : StunIntegrity.Sha256;

    /// <summary>Secrets stay out of texts.</summary>
    public override string ToString() => $"LongTermChallenge({Realm})";
}
