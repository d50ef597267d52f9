using System.Collections;
using System.Diagnostics;
using System.Reflection;
using Ice;
using Ice.Core;
using Ice.Net;

namespace Interop;

/// <summary>What this process holds: sockets that are open, timers that are armed, asynchronous methods of the library that have not ended.</summary>
internal readonly record struct Resources(int Sockets, long Timers, int Tasks)
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(20);
    private static readonly Stopwatch s_clock = Stopwatch.StartNew();

    private static readonly Assembly[] s_library = [typeof(IceAgent).Assembly, typeof(IceCore).Assembly, typeof(IDatagramSocket).Assembly];

    // The runtime keeps a list of the tasks that have not ended when a debugger asks for it. There is no public way to count them.
    private static readonly IDictionary s_tasks = FindTasks();

    /// <summary>Counts when <paramref name="settled"/> holds: what has been closed is released a moment later.</summary>
    /// <returns>The count at which it held, or the last one.</returns>
    public static async Task<Resources> CountAsync(Func<Resources, bool> settled, CancellationToken cancellationToken)
    {
        // The timer of the loop itself is in every count, so that two counts can be compared.
        using var timer = new PeriodicTimer(s_step);
        TimeSpan end = s_clock.Elapsed + s_limit;
        Resources count = Count();
        while (!settled(count) && s_clock.Elapsed < end && await timer.WaitForNextTickAsync(cancellationToken))
            count = Count();
        return count;
    }

    /// <summary>Whether none is more than in <paramref name="before"/>.</summary>
    public bool IsAtMost(Resources before) => Sockets <= before.Sockets && Timers <= before.Timers && Tasks <= before.Tasks;

    public override string ToString() => $"{Sockets} sockets, {Timers} timers, {Tasks} tasks";

    /// <summary>The tasks that have not ended, by what they do.</summary>
    public static string DescribeTasks()
    {
        lock (s_tasks)
        {
            return string.Join(", ", Running().GroupBy(static task => task.GetType().GenericTypeArguments[^1]).Select(static group => $"{group.Count()} x {group.Key}"));
        }
    }

    private static Resources Count()
    {
        lock (s_tasks)
            return new Resources(CountSockets(), Timer.ActiveCount, Running().Count());
    }

    // The harness waits for many things at the same time, which do not count. The type of a running method's task names the method.
    private static IEnumerable<Task> Running() => s_tasks.Values.Cast<Task>().Where(static task =>
        !task.IsCompleted && task.GetType().GenericTypeArguments is [.., { } method] && s_library.Contains(method.Assembly));

    private static int CountSockets()
    {
        int sockets = 0;
        foreach (string descriptor in Directory.EnumerateFileSystemEntries("/proc/self/fd"))
        {
            try
            {
                if (File.ResolveLinkTarget(descriptor, returnFinalTarget: false)?.Name.StartsWith("socket:", StringComparison.Ordinal) == true)
                    sockets++;
            }
            catch (IOException)
            {
                // Closed in the meantime; the one that lists the folder always is.
            }
        }

        return sockets;
    }

    private static IDictionary FindTasks()
    {
        const BindingFlags hidden = BindingFlags.NonPublic | BindingFlags.Static;
        FieldInfo enabled = typeof(Task).GetField("s_asyncDebuggingEnabled", hidden) ?? throw Missing("s_asyncDebuggingEnabled");
        MethodInfo add = typeof(Task).GetMethod("AddToActiveTasks", hidden) ?? throw Missing("AddToActiveTasks");
        // The list is made with its first entry.
        _ = add.Invoke(null, [Task.CompletedTask]);
        FieldInfo tasks = typeof(Task).GetField("s_currentActiveTasks", hidden) ?? throw Missing("s_currentActiveTasks");
        enabled.SetValue(null, true);
        return (IDictionary)tasks.GetValue(null)!;
    }

    private static InvalidOperationException Missing(string member) => new($"the runtime's tasks cannot be counted: it has no Task.{member}");
}
