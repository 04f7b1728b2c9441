using System.Linq.Expressions;
using Microsoft.Extensions.VectorData;
using Xunit;

namespace SearchEngine.SemanticKernel.Tests;

/// <summary>What is refused says what to write instead.</summary>
public sealed class GuidanceTests(StoreFixture fixture) : IClassFixture<StoreFixture>
{
    [Fact]
    public async Task Several_properties_are_named_with_the_option_that_chooses()
    {
        var letters = await fixture.CreateAsync<string, Letter>();
        foreach (
            var search in new Func<Task>[]
            {
                async () => await letters.HybridSearchAsync(new float[] { 1, 2 }, ["x"], 1).ToListAsync(),
                async () => await letters.KeywordSearchAsync("x", 1).ToListAsync(),
            }
        )
        {
            var error = await Assert.ThrowsAsync<InvalidOperationException>(search);
            Assert.Contains("(Subject, Body)", error.Message);
            Assert.Contains("AdditionalProperty = r => r.Subject", error.Message);
            Assert.Contains("new SearchEngineHybridSearchOptions<Letter> { AllTextProperties = true }", error.Message);
        }

        await letters.HybridSearchAsync(new float[] { 1, 2 }, ["x"], 1, new() { AdditionalProperty = r => r.Subject }).ToListAsync();
        await letters
            .HybridSearchAsync(new float[] { 1, 2 }, ["x"], 1, new SearchEngineHybridSearchOptions<Letter> { AllTextProperties = true })
            .ToListAsync();
    }

    [Fact]
    public async Task Several_properties_of_dictionaries_are_named_by_the_indexer()
    {
        var collection = fixture.Store.GetDynamicCollection(
            fixture.NewName(),
            new VectorStoreCollectionDefinition
            {
                Properties =
                [
                    new VectorStoreKeyProperty("key", typeof(string)),
                    new VectorStoreDataProperty("title", typeof(string)) { IsFullTextIndexed = true },
                    new VectorStoreDataProperty("body", typeof(string)) { IsFullTextIndexed = true },
                ],
            }
        );
        await collection.EnsureCollectionExistsAsync();
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
            await collection.KeywordSearchAsync("x", 1).ToListAsync()
        );
        Assert.Contains("(title, body)", error.Message);
        Assert.Contains("AdditionalProperty = r => r[\"title\"]", error.Message);
        Assert.Empty(await collection.KeywordSearchAsync("x", 1, new() { AdditionalProperty = r => r["title"] }).ToListAsync());
    }

    [Fact]
    public async Task A_collection_that_is_not_there_is_named_with_the_call_that_makes_it()
    {
        var collection = fixture.Store.GetCollection<string, Item>(fixture.NewName());
        var error = await Assert.ThrowsAsync<VectorStoreException>(() => collection.UpsertAsync(Item.Make(1)));
        Assert.Contains($"'{collection.Name}'", error.Message);
        Assert.Contains("EnsureCollectionExistsAsync makes it", error.Message);
    }

    [Fact]
    public async Task Filters_that_are_often_tried_are_refused_with_their_replacement()
    {
        var collection = await fixture.CreateAsync<string, Item>(Item.Make(1), Item.Make(2));
        const string Case = "OrdinalIgnoreCase";
        const string Arithmetic = "arithmetic";
        await RefusedAsync(r => r.Name!.ToLower() == "name 1", Case);
        await RefusedAsync(r => r.Name!.ToUpperInvariant().StartsWith("NAME"), Case);
        await RefusedAsync(r => r.Number > 0 && r.Name!.ToLowerInvariant().Contains("1"), Case);
        await RefusedAsync(r => r.Number * 2 > 2, Arithmetic);
        await RefusedAsync(r => r.Number - 1 == 0, Arithmetic);
        await RefusedAsync(r => r.Number.ToString() == "1", "the value itself");
        await RefusedAsync(r => (r.Number & 1) == 1, "name the values");

        // A hint is for what is refused alone: none of these forms is, where it is free of the record.
        var (word, one) = ("NAME 1", 1);
        Assert.Equal(
            1,
            await collection.CountAsync(r => r.Name == word.ToLowerInvariant() && r.Number == one * 2 - 1 && one.ToString() == "1")
        );

        async Task RefusedAsync(Expression<Func<Item, bool>> filter, string hint)
        {
            var error = await Assert.ThrowsAsync<NotSupportedException>(() => collection.CountAsync(filter));
            Assert.Contains(hint, error.Message);
        }
    }
}
