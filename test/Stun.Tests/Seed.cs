using System.Globalization;

namespace Stun.Tests;

/// <summary>The seeds of tests that draw their inputs: another one each time, unless <c>STUN_TEST_SEED</c> says which.</summary>
internal static class Seed
{
    /// <summary>A generator whose seed the test's output tells.</summary>
    public static Random Next()
    {
        int seed = Environment.GetEnvironmentVariable("STUN_TEST_SEED") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : Random.Shared.Next();
        TestContext.Out.WriteLine($"STUN_TEST_SEED={seed}");
        return new Random(seed);
    }
}
