using Stun;
using static Ice.Core.Tests.Harness.Make;

namespace Ice.Core.Tests.Harness;

/// <summary>A peer that does exactly what the test says, and can lie in every field.</summary>
internal sealed class ScriptedPeer
{
    private readonly TestAgent _agent;
    private readonly SeededEntropy _entropy;

    public ScriptedPeer(TestAgent agent, IceRole role = IceRole.Controlled, int seed = 77)
    {
        _agent = agent;
        _entropy = new SeededEntropy(seed);
        Role = role;
        Parameters = IceParameters.Create(_entropy) with { Options = ["ice2", "trickle"] };
        TieBreaker = 0x7777_7777_7777_7777;
    }

    public IceParameters Parameters { get; set; }

    public IceRole Role { get; set; }

    public ulong TieBreaker { get; set; }

    /// <summary>The answer to a check that looks sound: a success response with the address that the test says the agent sends from.</summary>
    public Func<SentDatagram, byte[]?> Answering(Func<BaseId, TransportAddress> mapped, Func<SentDatagram, bool>? only = null) =>
        sent => sent.IsCheck && (only is null || only(sent)) ? Success(sent, mapped(sent.Path.Base)) : null;

    /// <summary>The usual: gives its parameters and host candidates at these addresses, each with a foundation of its own, and no more.</summary>
    public void Signal(params string[] addresses)
    {
        int index = 0;
        SignalParameters();
        foreach (string address in addresses)
        {
            Add(Host(address, Priority(HostPreference, 65535 - index), $"r{index + 1}"));
            index++;
        }

        End();
    }

    public void SignalParameters(int stream = 0) => _agent.Do(now => _agent.Core.SetRemoteParameters(stream, Parameters, now));

    public string? Add(IceCandidate candidate, int stream = 0) => _agent.Do(now => _agent.Core.AddRemoteCandidate(stream, candidate, now));

    public void End(int stream = 0) => _agent.Do(now => _agent.Core.EndOfRemoteCandidates(stream, now));

    /// <summary>A sound connectivity check to the agent; change it with <c>with</c>.</summary>
    public Craft Check(bool useCandidate = false, uint? priority = null, IceRole? role = null) => new()
    {
        Username = $"{_agent.Ufrag}:{Parameters.UsernameFragment}",
        Password = _agent.Password,
        Priority = priority ?? Priority(PeerReflexivePreference),
        Controlling = (role ?? Role) == IceRole.Controlling ? TieBreaker : null,
        Controlled = (role ?? Role) == IceRole.Controlled ? TieBreaker : null,
        UseCandidate = useCandidate,
    };

    public byte[] Bytes(Craft craft) => craft.ToBytes(_entropy);

    /// <summary>Sends a check and returns what the agent sent at that very instant.</summary>
    public IReadOnlyList<SentDatagram> Send(Craft craft, BaseId to, string from) => _agent.Exchange(new IcePath(to, At(from)), Bytes(craft));

    /// <summary>Sends a sound check and returns what the agent sent at that very instant.</summary>
    public IReadOnlyList<SentDatagram> SendCheck(BaseId to, string from, bool useCandidate = false) => Send(Check(useCandidate), to, from);

    public Craft SuccessCraft(SentDatagram request, TransportAddress mapped) => new()
    {
        Class = StunClass.SuccessResponse,
        Id = request.Message.Id,
        XorMapped = mapped,
        Password = Parameters.Password,
    };

    public byte[] Success(SentDatagram request, TransportAddress mapped) => Bytes(SuccessCraft(request, mapped));

    public byte[] Error(SentDatagram request, int code) => Bytes(ErrorCraft(request, code));

    public Craft ErrorCraft(SentDatagram request, int code) => new()
    {
        Class = StunClass.ErrorResponse,
        Id = request.Message.Id,
        ErrorCode = code,
        Password = Parameters.Password,
    };

    /// <summary>Answers a check with success, from where it went.</summary>
    public InputResult Succeed(SentDatagram request, string mapped) => _agent.Receive(request.Path, Success(request, At(mapped)));

    public InputResult Fail(SentDatagram request, int code) => _agent.Receive(request.Path, Error(request, code));
}
