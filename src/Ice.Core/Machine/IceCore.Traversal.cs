using Stun;

namespace Ice.Core;

/// <content>What <see cref="IceCoreOptions.Traversal"/> adds: the mappings that our packets take, and the extra sockets.</content>
public sealed partial class IceCore
{
    private const int RequestBits = 0x0110;

    private Instant _freeGuessBasesAt = Instant.Never;

    // Only requests: anybody could have us answer him, but not through a NAT without a mapping that is there already.
    private void NoteMapping(ReadOnlySpan<byte> message, in Transmit transmit)
    {
        if (_agent.Mappings is not { } mappings || ((message[0] << 8) | message[1]) is var type && (type & RequestBits) != 0)
            return;
        if (_agent.FindBase(transmit.Path.Base) is { Relay: null } from)
            mappings.Sent(from, transmit.Path.Remote);
    }

    private void AddGuessBase(LocalBase socket, Instant now)
    {
        if (_session.Prober is not { } prober)
            throw new InvalidOperationException("Sockets for guessing are of use only with IceCoreOptions.Traversal: set it, or leave BaseTraits.ForGuessing out.");
        _agent.GuessBases = [.. _agent.GuessBases, socket];
        prober.AddSocket(socket);
        // What a check that comes to it is triggered from; it is neither signaled nor paired.
        _session.Candidates.AddHost(socket);
        Advance(now);
    }

    private void ForgetGuessBase(LocalBase socket)
    {
        if (!_agent.GuessBases.Contains(socket))
            return;
        _agent.GuessBases = Array.FindAll(_agent.GuessBases, other => other != socket);
        _session.Prober?.RemoveSocket(socket);
    }

    // The one that found the peer stays as long as its pair does; the others are of no use once a direct pair is there, or the time is over.
    private void CloseUnusedGuessBases(Instant now)
    {
        if (_agent.GuessBases.Length != (_session.Prober?.WantedSockets ?? 0))
            CloseGuessBasesNotInUse(now);
    }

    private void CloseGuessBasesNotInUse(Instant now)
    {
        LocalBase[] unused = [.. _agent.GuessBases.Where(socket => _session.Prober?.Wants(socket) != true && !IsInUse(socket, now))];
        if (now >= _freeGuessBasesAt)
            _freeGuessBasesAt = Instant.Never;
        if (unused.Length == 0)
            return;
        foreach (LocalBase socket in unused)
        {
            ForgetGuessBase(socket);
            _session.RemoveBase(socket, now);
            _previous?.RemoveBase(socket, now);
        }

        _agent.Events.Add(new IceEvent.CloseGuessBases([.. unused.Select(static socket => socket.Id)]));
    }

    private bool IsInUse(LocalBase socket, Instant now)
    {
        if (_paths.GetMonitor(socket.Component).Pair?.Local.Base == socket)
            return true;
        Checklist list = _session.Checklists.Lists[socket.Component.Stream];
        foreach (CandidatePair pair in list.Pairs)
        {
            if (pair.Local.Base != socket || pair.State == CandidatePairState.Failed)
                continue;
            if (list.State == ChecklistState.Running || list.GetSelected(socket.Component.Component) == pair)
                return true;
            // RFC 8445 §8.3.1: "the agent SHOULD wait an additional three seconds": the peer's data may have come this way until now.
            if (pair.IsValid && _freeGuessBasesAt.IsNever)
                _freeGuessBasesAt = now + IceDefaults.FreeingDelay;
            if (pair.IsValid && now < _freeGuessBasesAt)
                return true;
        }

        return false;
    }
}
