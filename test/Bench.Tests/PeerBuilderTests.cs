namespace Bench.Tests;

internal sealed class PeerBuilderTests
{
    [Test]
    public void A_package_that_is_missing_is_named()
    {
        PeerSource source = new("pion", "pion/nothing.go", PeerLanguage.Go, ["dpkg", "golang-of-nobody-dev"]);

        Assert.That(async () => await PeerBuilder.BuildAsync(source), Throws.InstanceOf<BenchException>().With.Message.Contains("golang-of-nobody-dev"));
    }
}
