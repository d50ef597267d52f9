namespace Repo.Tests.Purity;

/// <summary>What a protocol assembly may not reach: clocks, sockets, threads, tasks, files and ambient randomness.</summary>
internal static class PurityRules
{
    private static readonly Dictionary<string, string> s_assemblies = new()
    {
        ["System.Net.Sockets"] = "sockets belong to Ice.Net",
        ["System.Net.NameResolution"] = "names are resolved by the driver",
        ["System.Net.NetworkInformation"] = "interfaces are enumerated by the driver",
        ["System.Net.Http"] = "no I/O",
        ["System.Net.Security"] = "no I/O",
        ["System.Diagnostics.Process"] = "no I/O",
        ["System.Threading.ThreadPool"] = "no threads",
        ["System.Threading.Tasks.Parallel"] = "no threads",
        ["System.IO.FileSystem"] = "no I/O",
        ["System.Console"] = "no I/O",
    };

    // Namespaces as a whole, but for these types.
    private static readonly (string Namespace, string[] Allowed, string Why)[] s_namespaces =
    [
        ("System.Threading", ["Lock", "Interlocked", "Volatile"], "no threads, timers or tasks: the machine is called"),
        ("System.Threading.Tasks", [], "no tasks: the machine is called"),
        ("System.Threading.Channels", [], "no tasks: the machine is called"),
        ("System.Timers", [], "no timers: the machine is told the time"),
        ("System.IO", [], "no I/O: the machine is handed the bytes"),
        ("System.Net.Http", [], "no I/O: the machine is handed the bytes"),
        ("System.Net.Sockets", ["AddressFamily"], "no I/O: the machine is handed the bytes"),
        ("System.Net.NetworkInformation", [], "interfaces are enumerated by the driver"),
    ];

    private static readonly Dictionary<string, string> s_types = new()
    {
        ["System.TimeProvider"] = "no clock: the machine is told the time",
        ["System.Diagnostics.Stopwatch"] = "no clock: the machine is told the time",
        ["System.Random"] = "no randomness: the machine is lent an EntropySource",
        ["System.Security.Cryptography.RandomNumberGenerator"] = "no randomness: the machine is lent an EntropySource",
        ["System.Net.Dns"] = "names are resolved by the driver",
        ["System.Console"] = "no I/O",
        ["System.Diagnostics.Process"] = "no I/O",
        ["System.Activator"] = "no reflection: it would reach what is banned",
    };

    private static readonly Dictionary<string, (string[]? Allowed, string[] Banned, string Why)> s_members = new()
    {
        ["System.DateTime"] = (null, ["get_Now", "get_UtcNow", "get_Today"], "no clock: the machine is told the time"),
        ["System.DateTimeOffset"] = (null, ["get_Now", "get_UtcNow"], "no clock: the machine is told the time"),
        ["System.Guid"] = (null, ["NewGuid", "CreateVersion7"], "no randomness: the machine is lent an EntropySource"),
        // What the compiler puts into iterators is harmless; clocks, variables and exits are not.
        ["System.Environment"] = (["get_CurrentManagedThreadId", "get_NewLine"], [], "no clock and no environment"),
    };

    internal static string? WhyAssembly(string name) => s_assemblies.GetValueOrDefault(name);

    internal static string? WhyType(string @namespace, string name)
    {
        if (s_types.TryGetValue($"{@namespace}.{name}", out string? why))
            return why;
        foreach ((string banned, string[] allowed, string reason) in s_namespaces)
        {
            if (@namespace == banned && !allowed.Contains(name))
                return reason;
        }

        // Custom attributes of the assembly live there too.
        return @namespace.StartsWith("System.Reflection", StringComparison.Ordinal) && !name.EndsWith("Attribute", StringComparison.Ordinal)
            ? "no reflection: it would reach what is banned"
            : null;
    }

    internal static string? WhyMember(string type, string member) =>
        s_members.TryGetValue(type, out var rule) && (rule.Allowed is null ? rule.Banned.Contains(member) : !rule.Allowed.Contains(member)) ? rule.Why : null;
}
