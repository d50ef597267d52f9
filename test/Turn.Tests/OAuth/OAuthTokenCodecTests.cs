using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Ice.Testing;
using Turn.Tests.Client;

namespace Turn.Tests.OAuth;

[Rfc(7635, "6.2")]
internal sealed class OAuthTokenCodecTests
{
    private const string ServerName = "turn1@example.com";

    private static readonly byte[] s_key = [.. Enumerable.Range(0, 32).Select(static i => (byte)(i * 7))];
    private static readonly byte[] s_macKey = [.. Enumerable.Range(1, 20).Select(static i => (byte)i)];
    private static readonly DateTimeOffset s_issuedAt = DateTimeOffset.FromUnixTimeSeconds(1_300_819_380).AddMilliseconds(250);

    private static OAuthTokenContent Content => new(s_macKey, s_issuedAt, TimeSpan.FromSeconds(3600));

    [Test]
    public void A_token_opens_to_what_was_put_in()
    {
        var codec = new OAuthTokenCodec(s_key, ServerName);

        byte[] token = codec.Encode(Content, new SeededEntropy(1));

        Assert.That(codec.TryDecode(token, out OAuthTokenContent? content), Is.True);
        Assert.That(content!.MacKey.ToArray(), Is.EqualTo(s_macKey));
        Assert.That(content.IssuedAt, Is.EqualTo(s_issuedAt));
        Assert.That(content.Lifetime, Is.EqualTo(TimeSpan.FromSeconds(3600)));
    }

    [Test]
    public void The_bytes_are_those_of_the_specification()
    {
        byte[] nonce = [.. Enumerable.Range(0, 12).Select(static i => (byte)i)];

        byte[] token = new OAuthTokenCodec(s_key, ServerName).Encode(Content, nonce);

        // Put together here by hand: nonce_length, nonce, then the block under AES-256-GCM with the server's name as associated data.
        Assert.That(token[..2], Is.EqualTo(new byte[] { 0, 12 }));
        Assert.That(token[2..14], Is.EqualTo(nonce));
        byte[] block = new byte[token.Length - 14 - 16];
        using (var cipher = new AesGcm(s_key, 16))
            cipher.Decrypt(nonce, token.AsSpan(14, block.Length), token.AsSpan(14 + block.Length), block, Encoding.UTF8.GetBytes(ServerName));
        Assert.That(block, Has.Length.EqualTo(2 + 20 + 8 + 4));
        Assert.That(block[..2], Is.EqualTo(new byte[] { 0, 20 }));
        Assert.That(block[2..22], Is.EqualTo(s_macKey));
        Assert.That(BinaryPrimitives.ReadUInt64BigEndian(block.AsSpan(22)), Is.EqualTo((1_300_819_380UL << 16) | 16_000), "a quarter of a second is 16000/64000");
        Assert.That(BinaryPrimitives.ReadUInt32BigEndian(block.AsSpan(30)), Is.EqualTo(3600));
    }

    [Test]
    public void A_token_for_another_server_or_under_another_key_does_not_open()
    {
        byte[] token = new OAuthTokenCodec(s_key, ServerName).Encode(Content, new SeededEntropy(1));

        Assert.That(new OAuthTokenCodec(s_key, "turn2@example.com").TryDecode(token, out _), Is.False);
        Assert.That(new OAuthTokenCodec([.. s_key[1..], 0], ServerName).TryDecode(token, out _), Is.False);
    }

    [Test]
    public void A_token_that_was_altered_or_cut_does_not_open()
    {
        var codec = new OAuthTokenCodec(s_key, ServerName);
        byte[] token = codec.Encode(Content, new SeededEntropy(1));

        for (int i = 0; i < token.Length; i++)
        {
            byte[] altered = [.. token];
            altered[i] ^= 1;
            Assert.That(codec.TryDecode(altered, out _), Is.False, $"byte {i}");
            Assert.That(codec.TryDecode(token.AsSpan(0, i), out _), Is.False, $"the first {i} bytes");
        }

        Assert.That(codec.TryDecode(new byte[1000], out _), Is.False);
    }

    [TestCase(0, 3605)]
    [TestCase(3604, 1)]
    [TestCase(3605, 0)]
    [TestCase(3606, -1)]
    [TestCase(-10, 3595)]
    [Rfc(7635, "7")]
    public void What_remains_of_a_token_allows_for_clocks_that_differ(int receivedAfter, int remaining) =>
        Assert.That(Content.GetRemaining(s_issuedAt.AddSeconds(receivedAfter)), Is.EqualTo(TimeSpan.FromSeconds(remaining)));

    [Test]
    public void Wrong_use_is_refused_at_once()
    {
        Assert.That(static () => new OAuthTokenCodec(new byte[16], ServerName), Throws.ArgumentException);
        Assert.That(static () => new OAuthTokenCodec(s_key, ""), Throws.ArgumentException);
        Assert.That(static () => new OAuthTokenContent([], s_issuedAt, TimeSpan.Zero), Throws.ArgumentException);
        Assert.That(static () => new OAuthTokenContent(new byte[65], s_issuedAt, TimeSpan.Zero), Throws.ArgumentException);
        Assert.That(Content.ToString(), Does.Not.Contain("0102"));
    }
}
