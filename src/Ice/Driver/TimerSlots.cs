using System.Numerics;

namespace Ice;

/// <summary>Timers in slots of a millisecond, in a ring: setting and unsetting one takes the same short time however many there are. Not thread-safe.</summary>
/// <remarks>A timer that lies further away than the ring is long shares its slot with nearer ones, and is passed over until its round has come.</remarks>
internal sealed class TimerSlots
{
    private const int SlotCount = 4096;
    private const int WordCount = SlotCount / 64;

    // The list of those that are due and were not taken yet comes after the slots.
    private const int DueList = SlotCount;

    private const long SlotTicks = TimeSpan.TicksPerMillisecond;

    // A timer is put off by this part of its distance at most, so that many are met with one waking; the most is for those that lie 2 s away and further.
    private const long Patience = 32;
    private const long MaxPatienceSlots = 64;

    private readonly WheelTimer?[] _heads = new WheelTimer?[SlotCount + 1];
    private readonly ulong[] _occupied = new ulong[WordCount];
    private WheelTimer? _lastDue;
    private ulong _words;
    // The first millisecond that may have a timer that was not found due.
    private long _current;

    /// <summary>Sets a timer that is not set.</summary>
    /// <param name="timer">The timer.</param>
    /// <param name="dueAt">When it is due, in units of 100 ns.</param>
    /// <param name="now">The time.</param>
    public void Add(WheelTimer timer, long dueAt, long now)
    {
        timer.DueAt = PutOff(dueAt, now);
        // Slots that were passed are not looked at before the next round.
        int slot = (int)(Math.Max(timer.DueAt / SlotTicks, _current) % SlotCount);
        Link(timer, slot);
        _occupied[slot / 64] |= 1UL << (slot % 64);
        _words |= 1UL << (slot / 64);
    }

    /// <summary>Unsets a timer; one that is not set stays so.</summary>
    public void Remove(WheelTimer timer)
    {
        if (timer.Slot < 0)
            return;
        if (timer.Previous is null)
            _heads[timer.Slot] = timer.Next;
        else
            timer.Previous.Next = timer.Next;
        if (timer.Next is not null)
            timer.Next.Previous = timer.Previous;
        else if (timer.Slot == DueList)
            _lastDue = timer.Previous;
        if (timer.Slot != DueList && _heads[timer.Slot] is null)
            Clear(timer.Slot);
        timer.Previous = timer.Next = null;
        timer.Slot = WheelTimer.NoSlot;
    }

    /// <summary>Takes a timer that is due, about the earliest first; it is not set any more. Null when there is none.</summary>
    public WheelTimer? TakeDue(long now)
    {
        if (_heads[DueList] is null)
            Collect(now);
        WheelTimer? due = _heads[DueList];
        if (due is not null)
            Remove(due);
        return due;
    }

    /// <summary>When to look again, after nothing was found due: not after the first timer is due; long.MaxValue when there is none.</summary>
    public long NextAt()
    {
        if (_words == 0)
            return long.MaxValue;
        long slot = _current + DistanceToOccupied((int)(_current % SlotCount));
        long next = (slot + 1) * SlotTicks;
        for (WheelTimer? timer = _heads[slot % SlotCount]; timer is not null; timer = timer.Next)
            next = Math.Min(next, timer.DueAt);
        return next;
    }

    /// <summary>The next time that is good for many: a multiple of the longest power of two milliseconds that the distance allows.</summary>
    private static long PutOff(long dueAt, long now)
    {
        long slots = Math.Min((dueAt - now) / Patience / SlotTicks, MaxPatienceSlots);
        if (slots <= 1)
            return dueAt;
        long step = (1L << BitOperations.Log2((ulong)slots)) * SlotTicks;
        return (dueAt + step - 1) / step * step;
    }

    private void Collect(long now)
    {
        long last = now / SlotTicks;
        // Every slot is passed once at most, however long nobody looked.
        long slot = Math.Max(_current, last - SlotCount + 1);
        while (_words != 0)
        {
            slot += DistanceToOccupied((int)(slot % SlotCount));
            if (slot > last)
                break;
            CollectSlot((int)(slot % SlotCount), now);
            slot++;
        }

        // The last one may have timers that are due later in its millisecond.
        _current = Math.Max(_current, last);
    }

    private void CollectSlot(int slot, long now)
    {
        WheelTimer? next = _heads[slot];
        while (next is { } timer)
        {
            next = timer.Next;
            if (timer.DueAt > now)
                continue;
            Remove(timer);
            Append(timer);
        }
    }

    private void Append(WheelTimer timer)
    {
        if (_lastDue is null)
            _heads[DueList] = timer;
        else
            _lastDue.Next = timer;
        timer.Previous = _lastDue;
        timer.Slot = DueList;
        _lastDue = timer;
    }

    private void Link(WheelTimer timer, int slot)
    {
        timer.Slot = slot;
        timer.Next = _heads[slot];
        if (timer.Next is not null)
            timer.Next.Previous = timer;
        _heads[slot] = timer;
    }

    private void Clear(int slot)
    {
        int word = slot / 64;
        _occupied[word] &= ~(1UL << (slot % 64));
        if (_occupied[word] == 0)
            _words &= ~(1UL << word);
    }

    /// <summary>How far it is from a slot to the next that has a timer, 0 when that is itself. There must be one.</summary>
    private int DistanceToOccupied(int slot)
    {
        int word = slot / 64;
        ulong here = _occupied[word] & (ulong.MaxValue << (slot % 64));
        if (here != 0)
            return (word * 64) + BitOperations.TrailingZeroCount(here) - slot;
        // The words behind this one, else those from the start up to and with it: the ring.
        ulong behind = word == WordCount - 1 ? 0 : _words & (ulong.MaxValue << (word + 1));
        word = BitOperations.TrailingZeroCount(behind != 0 ? behind : _words);
        int found = (word * 64) + BitOperations.TrailingZeroCount(_occupied[word]);
        return (found - slot + SlotCount) % SlotCount;
    }
}
