using Stun;

namespace Bench;

/// <summary>Writing a connectivity check: its attributes, MESSAGE-INTEGRITY and FINGERPRINT.</summary>
internal sealed class StunBuildBenchmark : CodecBenchmark
{
    private readonly byte[] _buffer = new byte[StunCheck.Length];

    public override string Name => "stun-build";

    public override string Description => "a check of 92 bytes: write the attributes, MESSAGE-INTEGRITY and FINGERPRINT";

    protected override IReadOnlyList<(string Figure, Func<int, bool> Run, string? Pion)> Ways =>
    [
        ("stun-build", Build, "build"),
        ("stun-build.new-id", BuildWithNewId, "build-new-id"),
    ];

    protected override string PionDoes =>
        "stun.Build with the setters of pion/ice 2.3.1; stun-build with a given transaction id, stun-build.new-id with one of crypto/rand, as pion/ice does";

    private bool Build(int count)
    {
        bool right = true;
        for (int i = 0; i < count; i++)
            right &= StunCheck.Write(_buffer, StunCheck.Id) == StunCheck.Length;
        return right;
    }

    private bool BuildWithNewId(int count)
    {
        bool right = true;
        for (int i = 0; i < count; i++)
            right &= StunCheck.Write(_buffer, TransactionId.Create(EntropySource.Secure)) == StunCheck.Length;
        return right;
    }
}
