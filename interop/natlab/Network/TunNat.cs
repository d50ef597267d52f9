using System.Net;
using System.Runtime.InteropServices;
using Ice.Simulation;
using Microsoft.Win32.SafeHandles;
using Stun;

namespace NatLab.Network;

/// <summary>
/// The simulator's NAT on real packets, in real time: what comes out of a TUN device enters the simulated network, and what leaves that is written
/// back. A thread of its own does both. Thread-safe.
/// </summary>
internal sealed class TunNat : IDisposable
{
    private const int MaxPacket = 65535;

    // What is on its way in the simulated network is late by at most this; how soon the thread sees that it shall end.
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly Lock _gate = new();
    private readonly SimNetwork _network = new(1);
    private readonly SafeFileHandle _device;
    private readonly string _insidePrefix;
    private readonly Link _uplink;
    private readonly Nat _nat;
    private readonly Portal _inside;
    private readonly Portal _outside;
    private readonly TimeProvider _time = TimeProvider.System;
    private readonly long _start;
    private readonly Thread _thread;
    private volatile bool _closed;

    private TunNat(SafeFileHandle device, NatOptions options, LinkConditions uplink, IReadOnlyList<string> external, string insidePrefix)
    {
        _device = device;
        _insidePrefix = insidePrefix + ".";
        var inner = new Realm(_network, "inside");
        var outer = new Realm(_network, "outside");
        _uplink = new Link(_network, uplink);
        _nat = new Nat(_network, "nat", inner, outer, options, _uplink, [.. external.Select(static e => TransportAddress.Parse(e, 0))]);
        _inside = new Portal(_network, "lan", inner, Write);
        _outside = new Portal(_network, "wan", outer, Write);
        _start = _time.GetTimestamp();
        _thread = new Thread(Work) { IsBackground = true, Name = "NAT" };
        _thread.Start();
    }

    /// <summary>How many mappings are in force.</summary>
    public int MappingCount
    {
        get
        {
            lock (_gate)
            {
                CatchUp();
                return _nat.MappingCount;
            }
        }
    }

    /// <summary>Opens the device in a router's namespace and begins to translate.</summary>
    public static TunNat Open(NetworkNamespace router, string device, NatOptions options, LinkConditions uplink, IReadOnlyList<string> external, string insidePrefix) =>
        new(router.Run(() => Native.OpenTun(device)), options, uplink, external, insidePrefix);

    /// <summary>Forgets every mapping.</summary>
    public void Reboot()
    {
        lock (_gate)
            _nat.Reboot();
    }

    /// <summary>Cuts the way out, or joins it again.</summary>
    public void SetCut(bool cut)
    {
        lock (_gate)
        {
            if (cut)
                _uplink.Cut();
            else
                _uplink.Restore();
        }
    }

    public void Dispose()
    {
        _closed = true;
        _thread.Join();
        _device.Dispose();
    }

    private void Work()
    {
        byte[] buffer = new byte[MaxPacket];
        bool waiting = false;
        while (!_closed)
        {
            bool come = Native.WaitForInput(_device, waiting ? s_tick : s_pause);
            int length = come ? Native.Read(_device, buffer) : 0;
            lock (_gate)
            {
                CatchUp();
                if (length > 0)
                    Enter(buffer.AsSpan(0, length));
                // What no link delays leaves at once.
                CatchUp();
                waiting = _network.Pending > 0;
            }
        }
    }

    private void CatchUp() => _network.RunFor(_time.GetElapsedTime(_start) - _network.Clock.Elapsed);

    private void Enter(ReadOnlySpan<byte> bytes)
    {
        // Neither ICMP nor fragments: what agents send is smaller.
        if (!RealPacket.TryRead(bytes.ToArray(), out SimPacket packet))
            return;
        IPAddress source = packet.Source.ToIPAddress();
        Portal from = source.ToString().StartsWith(_insidePrefix, StringComparison.Ordinal) ? _inside : _outside;
        Portal to = from == _inside ? _outside : _inside;
        from.Serve(packet.Source);
        if (from == _inside && !_nat.Pool.Any(packet.Destination.SameAddress))
            to.Serve(packet.Destination);
        from.Send(packet);
    }

    private void Write(SimPacket packet)
    {
        if (MemoryMarshal.TryGetArray(packet.Payload, out ArraySegment<byte> payload) && payload.Array is { } whole)
            Native.Write(_device, RealPacket.Readdress(whole, packet));
    }
}
