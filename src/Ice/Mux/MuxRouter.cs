using System.Collections.Concurrent;
using Stun;

namespace Ice;

/// <summary>
/// Tells whose a datagram is that came to a local address which many share. Pure: no socket, no clock; nothing on the way of a datagram
/// allocates, and data takes no lock. Thread-safe.
/// </summary>
/// <remarks>
/// A request is its who is named in its USERNAME, a response his who sent the request, and everything else his who has proved the address that
/// it comes from. What a datagram says changes nothing here: names and addresses are entered and removed by their owners alone, addresses
/// only when the remote side has authenticated itself. The tables are as large as the owners make them.
/// </remarks>
/// <typeparam name="T">The owner.</typeparam>
internal sealed class MuxRouter<T>
    where T : class
{
    private const int MinTransactions = 4096;
    private const int TransactionsPerOwner = 4;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<string, T> _usernames = new(UsernameFragmentComparer.Instance);
    private readonly ConcurrentDictionary<string, T>.AlternateLookup<ReadOnlySpan<byte>> _byName;
    private readonly ConcurrentDictionary<TransportAddress, MuxRoute<T>> _addresses = new();
    private readonly TransactionRoutes<T> _transactions = new() { Capacity = MinTransactions };

    public MuxRouter() => _byName = _usernames.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>Names; at most two for each agent.</summary>
    public int UsernameCount => _usernames.Count;

    /// <summary>Remote addresses that are known to be somebody's.</summary>
    public int AddressCount => _addresses.Count;

    /// <summary>Requests whose response would find its way.</summary>
    public int TransactionCount => _transactions.Count;

    /// <summary>Finds the owner of a datagram. Never throws, whatever the bytes.</summary>
    /// <param name="datagram">The bytes.</param>
    /// <param name="source">Where it came from.</param>
    /// <param name="verdict">By what it was found, or why there is none.</param>
    /// <returns>The owner; null when the datagram is refused.</returns>
    public T? Route(ReadOnlySpan<byte> datagram, TransportAddress source, out MuxVerdict verdict)
    {
        if (!LocalTransport.MayBeStun(datagram))
            return RouteByAddress(source, out verdict);
        if (!StunMessage.TryParse(datagram, out StunMessage message, out _))
        {
            verdict = MuxVerdict.Malformed;
            return null;
        }

        return message.Class switch
        {
            StunClass.Request => RouteByUsername(message, out verdict),
            StunClass.Indication => RouteByAddress(source, out verdict),
            _ => RouteByTransaction(message.TransactionId, out verdict),
        };
    }

    /// <summary>The owner of a remote address; null when there is none.</summary>
    public T? Find(TransportAddress address) => _addresses.GetValueOrDefault(address)?.Owner;

    /// <summary>Enters a local username fragment.</summary>
    /// <returns>False when it is somebody's already.</returns>
    public bool TryAddUsername(string fragment, T owner)
    {
        if (!_usernames.TryAdd(fragment, owner))
            return false;
        _transactions.Capacity = Math.Max(MinTransactions, TransactionsPerOwner * _usernames.Count);
        return true;
    }

    /// <summary>Removes a username fragment of an owner's; does nothing when it is another's.</summary>
    public void RemoveUsername(string fragment, T owner) => _usernames.TryRemove(KeyValuePair.Create(fragment, owner));

    /// <summary>Notes a request that is about to be sent.</summary>
    public void AddTransaction(TransactionId id, T owner) => _transactions.Add(id, owner);

    /// <summary>An owner has heard from an address somebody who knows the credentials of their session.</summary>
    /// <param name="address">The remote address.</param>
    /// <param name="owner">The owner.</param>
    /// <param name="validated">Whether they were heard to answer from there, or only to ask.</param>
    /// <returns>False when the address is validated for several.</returns>
    public bool Claim(TransportAddress address, T owner, bool validated)
    {
        lock (_gate)
        {
            if (!_addresses.TryGetValue(address, out MuxRoute<T>? route))
            {
                _addresses[address] = new MuxRoute<T>(owner, validated);
                return true;
            }

            route.Set(owner, validated);
            return !route.IsShared;
        }
    }

    /// <summary>An owner no longer accepts anything from an address.</summary>
    public void Release(TransportAddress address, T owner)
    {
        lock (_gate)
        {
            if (_addresses.TryGetValue(address, out MuxRoute<T>? route) && !route.Remove(owner))
                _addresses.TryRemove(address, out _);
        }
    }

    private T? RouteByAddress(TransportAddress source, out MuxVerdict verdict)
    {
        if (!_addresses.TryGetValue(source, out MuxRoute<T>? route))
        {
            verdict = MuxVerdict.UnknownSource;
            return null;
        }

        verdict = route.IsShared ? MuxVerdict.SharedAddress : MuxVerdict.Address;
        return route.Owner;
    }

    private T? RouteByTransaction(TransactionId id, out MuxVerdict verdict)
    {
        T? owner = _transactions.Find(id);
        verdict = owner is null ? MuxVerdict.UnknownTransaction : MuxVerdict.Transaction;
        return owner;
    }

    // RFC 8445 §7.2.2: "The username for the credential is formed by concatenating the username fragment provided by the peer with the username
    // fragment of the ICE agent sending the request, separated by a colon (":")." The peer of the sender is we.
    private T? RouteByUsername(in StunMessage message, out MuxVerdict verdict)
    {
        int colon = message.TryGet(StunAttributeType.Username, out ReadOnlySpan<byte> username) ? username.IndexOf((byte)':') : -1;
        if (colon <= 0)
        {
            verdict = MuxVerdict.NoUsername;
            return null;
        }

        verdict = _byName.TryGetValue(username[..colon], out T? owner) ? MuxVerdict.Username : MuxVerdict.UnknownUsername;
        return owner;
    }
}
