using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Ice.Net;

/// <summary>A stub resolver: asks the system's name servers over UDP, over TCP where an answer is truncated, and keeps answers as long as they say.</summary>
/// <remarks>Each query has a random id and a random port of its own. Thread-safe. For SRV and NAPTR, which the framework does not ask for.</remarks>
public sealed class DnsClient : IDnsResolver
{
    private const int MaxEntries = 1000;
    private const int MaxDatagram = 4096;
    private const int NameError = 3;

    private static readonly TimeSpan s_attempt = TimeSpan.FromSeconds(2);

    // That there is nothing is kept too, for a short while here, since no SOA is read.
    private static readonly TimeSpan s_negative = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_longest = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<(string Name, DnsRecordType Type), (long Until, IReadOnlyList<DnsRecord> Records)> _cache = new();
    private readonly IReadOnlyList<IPEndPoint>? _servers;
    private readonly TimeProvider _time;

    /// <summary>Makes a resolver.</summary>
    /// <param name="servers">The name servers; null takes the system's, read again for each query.</param>
    /// <param name="time">The time, for the cache; null takes the system's.</param>
    public DnsClient(IReadOnlyList<IPEndPoint>? servers = null, TimeProvider? time = null)
    {
        _servers = servers;
        _time = time ?? TimeProvider.System;
    }

    /// <summary>The resolver over the system's name servers that the process shares.</summary>
    public static DnsClient Default { get; } = new();

    /// <inheritdoc/>
    public async Task<IReadOnlyList<DnsRecord>> QueryAsync(string name, DnsRecordType type, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        (string, DnsRecordType) key = (DnsMessage.Normalize(name), type);
        long now = _time.GetTimestamp();
        if (_cache.TryGetValue(key, out (long Until, IReadOnlyList<DnsRecord> Records) kept) && now < kept.Until)
            return kept.Records;
        IReadOnlyList<DnsRecord> records = await AskAsync(name, type, cancellationToken).ConfigureAwait(false);
        Keep(key, records);
        return records;
    }

    private void Keep((string Name, DnsRecordType Type) key, IReadOnlyList<DnsRecord> records)
    {
        if (_cache.Count >= MaxEntries)
            _cache.Clear();
        TimeSpan life = records.Count == 0 ? s_negative : records.Min(static record => record.TimeToLive);
        life = life < s_longest ? life : s_longest;
        _cache[key] = (_time.GetTimestamp() + (long)(life.TotalSeconds * _time.TimestampFrequency), records);
    }

    private async Task<IReadOnlyList<DnsRecord>> AskAsync(string name, DnsRecordType type, CancellationToken cancellationToken)
    {
        IReadOnlyList<IPEndPoint> servers = _servers ?? NameServers.Find();
        if (servers.Count == 0)
            throw new IOException("The system has no name servers: is there a network?");
        string reason = "none answered";
        for (int attempt = 0; attempt < 2; attempt++)
        {
            foreach (IPEndPoint server in servers)
            {
                (DnsResponse? response, string? failure) = await TryAskAsync(server, name, type, cancellationToken).ConfigureAwait(false);
                if (response is { Code: 0 or NameError })
                    return response.Records;
                reason = failure ?? $"{server} answered with code {response!.Code}";
            }
        }

        throw new IOException($"The name servers could not tell the {type} records of '{name}': {reason}.");
    }

    private async Task<(DnsResponse? Response, string? Failure)> TryAskAsync(IPEndPoint server, string name, DnsRecordType type, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(s_attempt, _time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        ushort id = (ushort)RandomNumberGenerator.GetInt32(ushort.MaxValue + 1);
        byte[] query = DnsMessage.WriteQuery(id, name, type) ?? throw new IOException($"'{name}' is no domain name.");
        try
        {
            DnsResponse response = await AskOverUdpAsync(server, query, id, name, type, both.Token).ConfigureAwait(false);
            // RFC 1035 §4.2.1: "Messages carried by UDP are restricted to 512 bytes ... Longer messages are truncated and the TC bit is set".
            return (response.IsTruncated ? await AskOverTcpAsync(server, query, id, name, type, both.Token).ConfigureAwait(false) : response, null);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, $"{server} did not answer within {s_attempt.TotalSeconds:0} s");
        }
        catch (SocketException exception)
        {
            return (null, $"{server}: {exception.Message}");
        }
        catch (IOException exception)
        {
            return (null, $"{server}: {exception.Message}");
        }
    }

    private static async Task<DnsResponse> AskOverUdpAsync(
        IPEndPoint server, byte[] query, ushort id, string name, DnsRecordType type, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        // Connected: answers from elsewhere do not arrive.
        await socket.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
        _ = await socket.SendAsync(query, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        byte[] buffer = new byte[MaxDatagram];
        while (true)
        {
            int length = await socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
            if (DnsMessage.TryRead(buffer.AsSpan(0, length), id, name, type) is { } response)
                return response;
        }
    }

    private static async Task<DnsResponse> AskOverTcpAsync(
        IPEndPoint server, byte[] query, ushort id, string name, DnsRecordType type, CancellationToken cancellationToken)
    {
        using var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
        var stream = new NetworkStream(socket, ownsSocket: false);
        await using (stream.ConfigureAwait(false))
        {
            // RFC 1035 §4.2.2: "The message is prefixed with a two byte length field which gives the message length"
            byte[] framed = [(byte)(query.Length >> 8), (byte)query.Length, .. query];
            await stream.WriteAsync(framed, cancellationToken).ConfigureAwait(false);
            byte[] prefix = new byte[2];
            await stream.ReadExactlyAsync(prefix, cancellationToken).ConfigureAwait(false);
            byte[] message = new byte[BinaryPrimitives.ReadUInt16BigEndian(prefix)];
            await stream.ReadExactlyAsync(message, cancellationToken).ConfigureAwait(false);
            return DnsMessage.TryRead(message, id, name, type) ?? throw new IOException("the answer over TCP is malformed");
        }
    }
}
