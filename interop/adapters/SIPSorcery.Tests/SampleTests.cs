namespace Ice.SIPSorcery.Tests;

public sealed class SampleTests
{
    [Test]
    public async Task Hello_world_greets()
    {
        await using SampleProcess sample = await SampleProcess.StartAsync("HelloWorld");
        string output = await sample.WaitForExitAsync();
        Assert.That(output, Does.Contain("bob hears: hello, bob").And.Contain("alice hears: hello, alice"));
        Assert.That(sample.ExitCode, Is.Zero);
    }
}
