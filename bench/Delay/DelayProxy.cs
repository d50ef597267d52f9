using System.Diagnostics;
using System.Net;

namespace Bench;

/// <summary>
/// A network with a delay on this machine: a thread of its own forwards datagrams between ports, each after a time that it keeps to within
/// microseconds, by waiting for most of it and watching the clock for the rest. Linux only.
/// </summary>
internal sealed class DelayProxy : IDisposable
{
    private const int LargestDatagram = 2048;

    // What the kernel's timers are late by, at most.
    private static readonly TimeSpan s_watched = TimeSpan.FromMilliseconds(0.5);
    private static readonly TimeSpan s_idle = TimeSpan.FromMilliseconds(20);

    private readonly TimeSpan _delay;
    private readonly List<DelayPort> _ports = [];
    private readonly PriorityQueue<Held, long> _held = new();
    private readonly Stack<byte[]> _buffers = new();
    private readonly List<double> _lateness = [];
    private readonly Thread _thread;
    private volatile bool _stopped;

    /// <summary>Makes a proxy that does nothing until <see cref="Start"/>.</summary>
    /// <param name="delay">What each passage takes.</param>
    /// <exception cref="BenchException">The system is not Linux.</exception>
    public DelayProxy(TimeSpan delay)
    {
        if (!OperatingSystem.IsLinux())
            throw new BenchException("The delay proxy waits with ppoll: run this on Linux.");
        _delay = delay;
        _thread = new Thread(Run) { IsBackground = true, Name = "delay proxy", Priority = ThreadPriority.Highest };
    }

    /// <summary>By how many microseconds datagrams left late; read after <see cref="Dispose"/>.</summary>
    public IReadOnlyList<double> Lateness => _lateness;

    /// <summary>Two ports: what comes to one leaves from the other.</summary>
    public (DelayPort Left, DelayPort Right) AddLink()
    {
        DelayPort left = new();
        DelayPort right = new() { Other = left };
        left.Other = right;
        _ports.AddRange([left, right]);
        return (left, right);
    }

    /// <summary>A STUN server for one client, whom it tells the address of <paramref name="mapping"/>, after the delay there and back.</summary>
    public DelayPort AddStunServer(DelayPort mapping)
    {
        DelayPort server = new() { Mapping = mapping };
        _ports.Add(server);
        return server;
    }

    /// <summary>Starts forwarding; no more ports may be added.</summary>
    public void Start() => _thread.Start();

    public void Dispose()
    {
        _stopped = true;
        if (_thread.ThreadState != System.Threading.ThreadState.Unstarted)
            _thread.Join();
        _ports.ForEach(static port => port.Dispose());
    }

    private void Run()
    {
        Poll.Descriptor[] descriptors = [.. _ports.Select(static port => Poll.ForReading(port.Socket.Handle))];
        while (!_stopped)
        {
            SendDue();
            TimeSpan wait = _held.TryPeek(out _, out long due) ? Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), due) - s_watched : s_idle;
            Poll.Wait(descriptors, wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            for (int i = 0; i < descriptors.Length; i++)
            {
                if (descriptors[i].IsReadable)
                    Take(_ports[i]);
            }
        }
    }

    private void SendDue()
    {
        while (_held.TryPeek(out Held held, out long due))
        {
            long now = Stopwatch.GetTimestamp();
            if (now < due)
                return;
            _ = _held.Dequeue();
            held.From.Send(held.Buffer.AsSpan(0, held.Length));
            _lateness.Add(Stopwatch.GetElapsedTime(due, now).TotalMicroseconds);
            _buffers.Push(held.Buffer);
        }
    }

    private void Take(DelayPort port)
    {
        while (true)
        {
            byte[] buffer = _buffers.TryPop(out byte[]? free) ? free : new byte[LargestDatagram];
            int length = port.Receive(buffer);
            if (length < 0)
            {
                _buffers.Push(buffer);
                return;
            }

            long now = Stopwatch.GetTimestamp();
            int delays = 1;
            if (port.Mapping is not null)
            {
                length = port.Answer(buffer, length);
                delays = 2;
            }

            if (length >= 0)
                _held.Enqueue(new Held(buffer, length, port.Other ?? port), now + (long)(_delay.TotalSeconds * delays * Stopwatch.Frequency));
        }
    }

    private readonly record struct Held(byte[] Buffer, int Length, DelayPort From);
}
