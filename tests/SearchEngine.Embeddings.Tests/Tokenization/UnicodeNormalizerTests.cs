using System.Globalization;
using System.Text;
using Xunit;

namespace SearchEngine.Embeddings.Tests.Tokenization;

/// <summary>
/// Normalisation forms equal to those of Python's unicodedata 14.0 on random strings of everything that composes or decomposes.
/// </summary>
public class UnicodeNormalizerTests
{
    [Fact]
    public void Forms_equal_the_reference()
    {
        var count = 0;
        foreach (var line in TokenizerFixtures.Lines(Path.Combine(TokenizerFixtures.Folder, "normalization.txt")))
        {
            string[] texts = [.. line.Split(';').Select(Text)];
            for (var form = 0; form < 4; form++)
                Assert.Equal(Codes(texts[form + 1]), Codes(UnicodeNormalizer.Normalize(texts[0], (UnicodeForm)form).ToString()));
            count++;
        }
        Assert.Equal(700, count);
    }

    [Fact]
    public void Plain_text_passes_unchanged() =>
        Assert.Equal("plain 123", UnicodeNormalizer.Normalize("plain 123", UnicodeForm.Nfkd).ToString());

    [Fact]
    public void Lone_surrogates_become_the_replacement_character() =>
        Assert.Equal("a\uFFFDé", UnicodeNormalizer.Normalize("a\uD800e\u0301", UnicodeForm.Nfc).ToString());

    private static string Text(string codes)
    {
        StringBuilder text = new();
        foreach (var code in codes.Split(' '))
            text.Append(char.ConvertFromUtf32(int.Parse(code, NumberStyles.HexNumber, CultureInfo.InvariantCulture)));
        return text.ToString();
    }

    private static string Codes(string text) =>
        string.Join(' ', text.EnumerateRunes().Select(rune => rune.Value.ToString("X", CultureInfo.InvariantCulture)));
}
