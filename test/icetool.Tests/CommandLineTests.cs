namespace IceTool.Tests;

[TestFixture]
[CancelAfter(30_000)]
internal sealed class CommandLineTests
{
    [TestCase("bridge")]
    [TestCase("demo")]
    [TestCase("peer")]
    [TestCase("gather")]
    [TestCase("turn")]
    [TestCase("serve")]
    [TestCase("simulate")]
    public async Task Help_has_examples_and_exit_codes(string command, CancellationToken cancellationToken)
    {
        (int exitCode, string output, _) = await ToolProcess.RunAsync(cancellationToken, command, "--help");
        Assert.That(exitCode, Is.Zero);
        Assert.That(output, Does.Contain("Examples:").And.Contain($"ice {command}").And.Contain("Exit codes:"));
    }

    [Test]
    public async Task The_version_is_told(CancellationToken cancellationToken)
    {
        (int exitCode, string output, _) = await ToolProcess.RunAsync(cancellationToken, "--version");
        Assert.That(exitCode, Is.Zero);
        Assert.That(output, Does.Match(@"^\d+\.\d+\.\d+"));
    }

    [TestCase("dance")]
    [TestCase("demo", "--port", "x")]
    [TestCase("demo", "--port", "70000")]
    [TestCase("gather", "--timeout", "0")]
    public async Task A_wrong_command_line_exits_with_2_and_says_where_help_is(params string[] arguments)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        (int exitCode, string output, string errors) = await ToolProcess.RunAsync(patience.Token, arguments);
        Assert.That(exitCode, Is.EqualTo(2));
        Assert.That(output, Is.Empty);
        Assert.That(errors, Does.Contain("--help"));
    }
}
