using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace SearchEngine.Ingestion.Tests.Reading;

/// <summary>Front matter that brings the YAML parser to exceptions which are not its own is read by its lines.</summary>
public sealed class FrontMatterDamageTests
{
    [Theory]
    [InlineData("part: !<> walrus")]
    [InlineData("part: walrus songs\n!!st] t: !tag v")]
    [InlineData("part: walrus songs\nse: [\n<<: *\nb: &b x")]
    [InlineData("part: !<http://[> walrus")]
    [InlineData("part: \"\\UFFFFFFFF walrus\"")]
    public void Damage_beyond_the_parsers_own_exceptions_costs_no_word(string damage)
    {
        var content = $"title: Zebra handbook\n{damage}\nsummary: Of quokkas\n";
        var own = Record.Exception(() => new YamlStream().Load(new StringReader(content)));
        Assert.NotNull(own);
        Assert.False(own is YamlException, $"the parser's own exception, which shows nothing here: {own}");

        using var folder = new TempFolder();
        var extracted = Extracted.Of(folder.Write("damaged.md", $"---\n{content}---\n# Frobnicator\n\nBody text.\n"));

        extracted.Has(["Zebra", "handbook", "walrus", "quokkas", "Frobnicator", "Body"]);
        Assert.Contains(extracted.Warnings, w => w.Contains("front matter", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("part: &a [*a, walrus]")]
    [InlineData("part: &a {x: *a, y: walrus}")]
    public void A_value_that_holds_itself_is_taken_once(string part)
    {
        using var folder = new TempFolder();
        var extracted = Extracted.Of(folder.Write("ring.md", $"---\ntitle: Zebra handbook\ntags: {part[6..]}\n---\nBody text.\n"));

        extracted.Has(["Zebra", "walrus", "Body"]);
        Assert.Equal(
            extracted.Text.IndexOf("walrus", StringComparison.Ordinal),
            extracted.Text.LastIndexOf("walrus", StringComparison.Ordinal)
        );
    }

    /// <summary>The parser itself would end the process on some of them, so it is not asked.</summary>
    [Theory]
    [InlineData("? &a [*a]\n: walrus")]
    [InlineData("? &a {*a : walrus songs}\n: b")]
    [InlineData("part:\n  ? &a [[*a], walrus]\n  : b")]
    [InlineData("part: &a [*a, b]\n? *a\n: walrus")]
    public void A_key_that_holds_itself_costs_no_word(string damage)
    {
        using var folder = new TempFolder();
        var extracted = Extracted.Of(
            folder.Write("damaged.md", $"---\ntitle: Zebra handbook\n{damage}\nsummary: Of quokkas\n---\n# Frobnicator\n\nBody text.\n")
        );

        extracted.Has(["Zebra", "handbook", "walrus", "quokkas", "Frobnicator", "Body"]);
        Assert.Contains(extracted.Warnings, w => w.Contains("a key is a list", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("kind: &key author\n*key : Ada Walrus")]
    [InlineData("kind: &key [a]\nother: &key author\n*key : Ada Walrus")]
    public void A_key_may_be_an_alias_of_plain_text(string part)
    {
        using var folder = new TempFolder();
        var extracted = Extracted.Of(folder.Write("alias.md", $"---\ntitle: Zebra handbook\n{part}\n---\nBody text.\n"));

        extracted.Has(["Zebra", "Body"]);
        Assert.Contains("author: Ada Walrus", extracted.Text, StringComparison.Ordinal);
        Assert.Empty(extracted.Warnings);
    }

    [Fact]
    public void A_name_that_stands_for_a_list_now_is_no_key()
    {
        using var folder = new TempFolder();
        var extracted = Extracted.Of(
            folder.Write("alias.md", "---\na: &key author\nb: &key [walrus]\n*key : Of quokkas\n---\nBody text.\n")
        );

        extracted.Has(["walrus", "quokkas", "Body"]);
        Assert.Contains(extracted.Warnings, w => w.Contains("a key is a list", StringComparison.Ordinal));
    }
}
