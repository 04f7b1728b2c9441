using Microsoft.SemanticKernel;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

public sealed class SearchPluginTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact]
    public async Task Texts_are_ingested_found_replaced_and_forgotten()
    {
        using var plugin = Make();
        Assert.Contains("1 passage", await plugin.IngestTextAsync("Rhubarb is a vegetable with sour stalks.", "Rhubarb", "garden.md"));
        await plugin.IngestTextAsync("A bicycle has two wheels.", "Bicycle");
        var hit = (await plugin.SearchAsync("sour rhubarb stalks"))[0];
        Assert.Equal((1, "Rhubarb", "garden.md"), (hit.Citation, hit.Title, hit.Source));
        Assert.Equal(["Bicycle"], (await plugin.SearchAsync("rhubarb", source: "Bicycle")).Select(r => r.Title));
        Assert.Single(await plugin.SearchAsync("rhubarb", count: 1));

        Assert.Contains("in place of", await plugin.IngestTextAsync("Rhubarb leaves are poisonous.", "Rhubarb", "garden.md"));
        var passages = await (await plugin.GetCollectionAsync()).GetAsync(p => p.Source == "garden.md", 10).ToListAsync();
        Assert.Equal("Rhubarb leaves are poisonous.", Assert.Single(passages).Text);

        Assert.Contains("1 passage", await plugin.ForgetAsync("garden.md"));
        Assert.Contains("Nothing", await plugin.ForgetAsync("garden.md"));
        Assert.DoesNotContain(await plugin.SearchAsync("rhubarb"), r => r.Source == "garden.md");
    }

    [Fact]
    public async Task Empty_input_does_nothing()
    {
        using var plugin = Make();
        Assert.Empty(await plugin.SearchAsync("anything"));
        Assert.Empty(await plugin.SearchAsync(" "));
        Assert.Contains("empty", await plugin.IngestTextAsync("  ", "x"));
        Assert.Contains("Nothing", await plugin.ForgetAsync(""));
    }

    [Fact]
    public async Task The_kernel_sees_three_described_functions()
    {
        using var plugin = Make();
        var kernel = new Kernel();
        var functions = kernel.Plugins.AddFromObject(plugin, "knowledge");
        Assert.Equal(["forget", "ingest_text", "search"], functions.Select(f => f.Name).Order());
        Assert.All(
            functions,
            f =>
            {
                Assert.NotEmpty(f.Description);
                Assert.All(f.Metadata.Parameters, p => Assert.NotEmpty(p.Description));
            }
        );
        await kernel.InvokeAsync("knowledge", "ingest_text", new() { ["text"] = "Owls hunt at night.", ["title"] = "Owls" });
        var found = await kernel.InvokeAsync<IReadOnlyList<SearchPluginResult>>("knowledge", "search", new() { ["query"] = "owls night" });
        Assert.Equal("Owls", found![0].Title);
    }

    [Fact]
    public void Long_texts_are_cut_at_borders_and_nothing_is_lost()
    {
        var text = string.Join(
            "\n\n",
            Enumerable.Range(0, 40).Select(i => $"Paragraph {i}. " + string.Concat(Enumerable.Repeat($"Sentence with word{i}. ", i)))
        );
        var passages = PassageSplitter.Split(text, 300).ToList();
        Assert.All(passages, p => Assert.InRange(p.Length, 1, 300));
        Assert.Equal(Words(text), passages.SelectMany(Words));
        Assert.Equal(["short"], PassageSplitter.Split(" short ", 300));
        Assert.Empty(PassageSplitter.Split(" \r\n ", 300));
        var emoji = string.Concat(Enumerable.Repeat("😀", 100));
        Assert.Equal(emoji, string.Concat(PassageSplitter.Split(emoji, 51)));
        Assert.All(PassageSplitter.Split(emoji, 51), p => Assert.False(char.IsLowSurrogate(p[0])));

        static IEnumerable<string> Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
    }

    private SearchPlugin Make() =>
        new(fixture.Store, new HashingGenerator(), new SearchPluginOptions { CollectionName = fixture.NewName() });
}
