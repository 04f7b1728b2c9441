using Xunit;

namespace SearchEngine.Tests.Search;

/// <summary>Corrections, completions, query syntax, facets, totals, orders and groups through the engine.</summary>
public sealed class SearchFeatureTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("features-").FullName;
    private SearchDatabase _database = null!;
    private SearchCollection _plants = null!;

    public async ValueTask InitializeAsync()
    {
        await File.WriteAllLinesAsync(Path.Combine(_folder, "synonyms.txt"), ["car, automobile"]);
        _database = await SearchDatabase.OpenAsync(
            new SearchDatabaseOptions { Directory = Path.Combine(_folder, "db"), SynonymsFile = Path.Combine(_folder, "synonyms.txt") }
        );
        _plants = await _database.CreateCollectionAsync(
            new CollectionSchema
            {
                Name = "plants",
                Fields =
                [
                    new DataField("text", DataFieldType.String) { IsFullText = true },
                    new DataField("source", DataFieldType.String) { IsFilterable = true },
                    new DataField("year", DataFieldType.Int32) { IsFilterable = true },
                    new DataField("day", DataFieldType.DateOnly) { IsFilterable = true },
                ],
            }
        );
        await _plants.UpsertAsync([
            Plant("a", "photosynthesis turns light into sugar", "one.md", 1999),
            Plant("b", "photosynthesis in algae", "one.md", 2005),
            Plant("c", "sugar cane and light", "two.md", 2005),
            Plant("d", "an automobile made of wood", null, 2010),
        ]);
    }

    public async ValueTask DisposeAsync()
    {
        await _database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private static Document Plant(string key, string text, string? source, int year) =>
        new(key)
        {
            ["text"] = text,
            ["source"] = source,
            ["year"] = year,
            ["day"] = new DateOnly(year, 5, 17),
        };

    private static SearchRequest Words(string text) => new() { Text = text, Mode = SearchMode.Keyword };

    private static string[] Keys(SearchResults results) => [.. results.Hits.Select(h => h.Key.ToString())];

    [Fact]
    public async Task A_word_that_matches_nothing_is_corrected_and_said_so()
    {
        var results = await _plants.FindAsync(Words("Photosinthesis in algae"));

        Assert.Equal("b", Keys(results)[0]);
        Assert.Equal("photosynthesis in algae", results.Correction!.Text);
        Assert.Equal([new CorrectedWord("Photosinthesis", "photosynthesis")], results.Correction.Words);
        Assert.Null((await _plants.FindAsync(Words("photosynthesis"))).Correction);
        Assert.Empty((await _plants.FindAsync(Words("photosinthesis") with { CorrectSpelling = false })).Hits);
    }

    [Fact]
    public async Task What_is_typed_is_completed_and_synonyms_are_found()
    {
        Assert.Equal(["photosynthesis"], _plants.Suggest("pho").Select(s => s.Word));
        Assert.Throws<ArgumentException>(() => _plants.Suggest("pho", 0));
        Assert.Equal(["d"], Keys(await _plants.FindAsync(Words("car"))));
    }

    [Fact]
    public async Task Operators_are_read_when_asked_for()
    {
        var request = Words("sugar year:>=2000") with { Syntax = QuerySyntax.Operators };
        Assert.Equal(["c"], Keys(await _plants.FindAsync(request)));
        Assert.Equal(["c"], Keys(await _plants.FindAsync(request with { Text = "sugar day:[2000-01-01 TO *]" })));
        Assert.Equal(["a"], Keys(await _plants.FindAsync(request with { Text = "+sugar -cane" })));
        Assert.Contains(
            "'soon' is no value of field 'year'",
            (await Assert.ThrowsAsync<ArgumentException>(() => _plants.FindAsync(request with { Text = "sugar year:soon" }))).Message
        );
        Assert.Equal(["a", "c"], Keys(await _plants.FindAsync(Words("sugar +1 -cane year:>=2000"))).Order());
    }

    [Fact]
    public async Task Facets_and_totals_count_everything_that_matches()
    {
        var request = Words("photosynthesis sugar") with
        {
            Top = 1,
            CountTotal = true,
            Facets = [new FacetRequest("source"), new FacetRequest("year") { Borders = [2000] }, new FacetRequest("day") { Top = 1 }],
        };
        var results = await _plants.FindAsync(request);

        Assert.Single(results.Hits);
        Assert.Equal(3, results.Total);
        Assert.Equal([new FacetValue("one.md", 2), new FacetValue("two.md", 1)], results.Facets[0].Values);
        Assert.Equal([new FacetValue(null, 1, 2000), new FacetValue(2000, 2)], results.Facets[1].Values);
        Assert.Equal([new FacetValue(new DateOnly(2005, 5, 17), 2)], results.Facets[2].Values);
        var filtered = await _plants.FindAsync(
            request with
            {
                Filter = new DocumentFilter.Comparison("year", ComparisonOperator.Equal, 2005),
            }
        );
        Assert.Equal(2, filtered.Total);
        await _plants.DeleteAsync([(RecordKey)"b"]);
        Assert.Equal(2, (await _plants.FindAsync(request)).Total);
        Assert.Contains(
            "'text' is not filterable",
            (
                await Assert.ThrowsAsync<ArgumentException>(() => _plants.FindAsync(request with { Facets = [new FacetRequest("text")] }))
            ).Message
        );
    }

    [Fact]
    public async Task Hits_are_ordered_and_grouped_by_fields()
    {
        var request = Words("photosynthesis sugar");
        Assert.Equal(["b", "c", "a"], Keys(await _plants.FindAsync(request with { Sort = new SortOrder("year", Descending: true) })));
        Assert.Equal(["a"], Keys(await _plants.FindAsync(request with { Sort = new SortOrder("year"), Top = 1 })));
        await Assert.ThrowsAsync<ArgumentException>(() =>
            _plants.FindAsync(request with { Sort = new SortOrder("year"), Mode = SearchMode.Vector })
        );

        var grouped = await _plants.FindAsync(request with { GroupBy = "source", GroupSize = 2, Top = 1 });
        Assert.Equal(["a", "b"], Keys(grouped).Order());
        Assert.All(grouped.Hits, hit => Assert.Equal("one.md", hit.Group));
        Assert.Equal(["c"], Keys(await _plants.FindAsync(request with { GroupBy = "source", GroupSize = 2, Top = 1, Skip = 1 })));
        await Assert.ThrowsAsync<ArgumentException>(() => _plants.FindAsync(request with { GroupBy = "nofield" }));
    }

    [Fact]
    public async Task A_collection_of_the_first_analyzer_opens_under_the_default()
    {
        var first = new CollectionSchema
        {
            Name = "first",
            Analyzer = "english",
            Fields = [new DataField("text", DataFieldType.String) { IsFullText = true }],
        };
        await _database.CreateCollectionAsync(first);
        var opened = await _database.GetOrCreateCollectionAsync(first with { Analyzer = CollectionSchema.DefaultAnalyzer });

        Assert.Equal("english", opened.Schema.Analyzer);
        await Assert.ThrowsAsync<SearchDatabaseException>(() => _database.GetOrCreateCollectionAsync(first with { Analyzer = "german.2" }));
    }
}
