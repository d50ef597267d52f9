using Stun;

namespace Bench;

/// <summary>Reading a connectivity check: parsed, both checksums verified, the attributes taken out.</summary>
internal sealed class StunParseBenchmark : CodecBenchmark
{
    private readonly byte[] _check = new byte[StunCheck.Length];

    public StunParseBenchmark() => _ = StunCheck.Write(_check, StunCheck.Id);

    public override string Name => "stun-parse";

    public override string Description => "a check of 92 bytes: parse, verify MESSAGE-INTEGRITY and FINGERPRINT, read the attributes";

    protected override IReadOnlyList<(string Figure, Func<int, bool> Run, string? Pion)> Ways =>
    [
        ("stun-parse", Read, "parse"),
        ("stun-parse.unauthenticated", Parse, null),
    ];

    protected override string PionDoes =>
        "as pion/ice 2.3.1 takes a datagram in: a copy, Decode, the role's attribute, USERNAME, MESSAGE-INTEGRITY, USE-CANDIDATE; FINGERPRINT is not verified";

    private bool Read(int count)
    {
        bool right = true;
        for (int i = 0; i < count; i++)
            right &= StunCheck.Read(_check);
        return right;
    }

    /// <summary>Without MESSAGE-INTEGRITY: what a datagram costs that nobody has signed.</summary>
    private bool Parse(int count)
    {
        bool right = true;
        for (int i = 0; i < count; i++)
            right &= StunMessage.TryParse(_check, out StunMessage message, out _) && message.HasFingerprint;
        return right;
    }
}
