using Repo.Tests.Purity;

namespace Repo.Tests;

/// <summary>The protocol is told the time, handed the bytes and lent the randomness: nothing else can be reached from its assemblies.</summary>
internal sealed class PurityTests
{
    // Turn joins when it exists.
    private static IEnumerable<string> PureAssemblies => new[] { "Stun", "Turn", "Ice.Core" }.Where(static name => RepoRoot.Exists($"src/{name}/{name}.csproj"));

    [TestCaseSource(nameof(PureAssemblies))]
    public void A_protocol_assembly_reaches_no_clock_socket_thread_or_randomness(string assembly)
    {
        IEnumerable<PurityViolation> violations = PurityChecker.Check(Path.Combine(AppContext.BaseDirectory, assembly + ".dll")).Where(violation => !IsTheExemption(assembly, violation));

        Assert.That(violations.Select(static violation => violation.ToString()), Is.Empty);
    }

    [Test]
    public void The_one_exemption_is_the_secure_entropy_source()
    {
        PurityViolation[] violations = [.. PurityChecker.Check(Path.Combine(AppContext.BaseDirectory, "Stun.dll"))];

        Assert.That(violations, Has.Length.EqualTo(1), string.Join("; ", violations.Select(static violation => violation.ToString())));
        Assert.That(IsTheExemption("Stun", violations[0]), Is.True);
        Assert.That(IsTheExemption("Ice.Core", violations[0]), Is.False);
        Assert.That(IsTheExemption("Stun", violations[0] with { Where = [.. violations[0].Where, "Stun.Other.Method"] }), Is.False);
        Assert.That(IsTheExemption("Stun", violations[0] with { Where = [] }), Is.False);
    }

    [TestCase("System.Net.Sockets.Socket", "")]
    [TestCase("assembly System.Net.Sockets", "")]
    [TestCase("assembly System.Net.NetworkInformation", "")]
    [TestCase("assembly System.Net.NameResolution", "")]
    [TestCase("System.DateTime.get_UtcNow", "ReadsTheClock")]
    [TestCase("System.DateTimeOffset.get_Now", "ReadsTheOtherClock")]
    [TestCase("System.Diagnostics.Stopwatch", "ReadsTheTimestamp")]
    [TestCase("System.Environment.get_TickCount64", "ReadsTheTickCount")]
    [TestCase("System.TimeProvider", "")]
    [TestCase("System.Random", "DrawsARandomNumber")]
    [TestCase("System.Security.Cryptography.RandomNumberGenerator", "DrawsASecureNumber")]
    [TestCase("System.Guid.NewGuid", "DrawsAGuid")]
    [TestCase("System.Net.Dns", "ResolvesAName")]
    [TestCase("System.Net.NetworkInformation.NetworkInterface", "EnumeratesInterfaces")]
    [TestCase("System.Threading.Tasks.Task", "IsAsynchronous")]
    [TestCase("System.Threading.Thread", "StartsAThread")]
    [TestCase("System.Threading.ThreadPool", "QueuesWork")]
    [TestCase("System.Threading.Timer", "")]
    [TestCase("System.IO.File", "ReadsAFile")]
    public void The_checker_catches(string what, string method)
    {
        PurityViolation? violation = PurityChecker.Check(typeof(PuritySamples).Assembly.Location).FirstOrDefault(violation => violation.What == what);

        Assert.That(violation, Is.Not.Null);
        if (method.Length > 0)
            Assert.That(violation!.Where, Has.Some.Contains($"{nameof(PuritySamples)}").And.Some.Contains(method));
    }

    [TestCase("System.Threading.Lock")]
    [TestCase("System.Threading.Interlocked")]
    [TestCase("System.Threading.Volatile")]
    [TestCase("System.Net.IPEndPoint")]
    [TestCase("System.Net.DnsEndPoint")]
    public void The_checker_allows(string what) =>
        Assert.That(PurityChecker.Check(typeof(PuritySamples).Assembly.Location).Select(static violation => violation.What), Has.None.EqualTo(what));

    private static bool IsTheExemption(string assembly, PurityViolation violation) =>
        assembly == "Stun"
        && violation.What == "System.Security.Cryptography.RandomNumberGenerator"
        && violation.Where.Count > 0
        && violation.Where.All(static where => where.StartsWith("Stun.EntropySource+SecureSource.", StringComparison.Ordinal));
}
