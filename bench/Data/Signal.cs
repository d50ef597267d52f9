namespace Bench;

/// <summary>Something that one thread waits for and another tells. Neither spins, which would be counted as work.</summary>
internal sealed class Signal
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private bool _isSet;

    public void Set()
    {
        lock (_gate)
        {
            _isSet = true;
            Monitor.Pulse(_gate);
        }
    }

    public void Wait()
    {
        lock (_gate)
        {
            while (!_isSet)
            {
                if (!Monitor.Wait(_gate, s_limit))
                    throw new TimeoutException("A datagram was lost on the loopback interface: nothing arrived for 10 s.");
            }

            _isSet = false;
        }
    }
}
