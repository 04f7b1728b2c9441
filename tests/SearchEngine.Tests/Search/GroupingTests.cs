using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Search;

/// <summary>Groups of a page beside those of the whole ranking, where few groups hold the best records.</summary>
public sealed class GroupingTests : CollectionTest
{
    private const int Records = 900;

    protected override CollectionSchema Schema =>
        new()
        {
            Name = "groups",
            KeyKind = RecordKeyKind.Int32,
            Fields =
            [
                new DataField("text", DataFieldType.String) { IsFullText = true },
                new DataField("file", DataFieldType.String) { IsFilterable = true },
                new DataField("place", DataFieldType.Int32) { IsFilterable = true },
            ],
            Vectors = [new VectorField("meaning", 2) { Index = VectorIndexKind.Flat }],
        };

    protected override async Task FillAsync()
    {
        // Nearest, and richest in the word, are the records of the first file, half of all; then those of the second, a quarter, and so on:
        // all but a few, which lie anywhere, and some records of no file.
        var random = new Random(TestSeed.Get(20261128));
        var records = new List<Document>(Records);
        for (var i = 0; i < Records; i++)
        {
            var file = (int)Math.Log2((double)Records / (Records - i));
            if (random.Next(100) == 0)
                file = random.Next(12);
            var angle = i * Math.PI / 2 / Records;
            var document = new Document(i)
            {
                ["text"] = (i % 3 == 0 ? "rare word" : "word") + string.Concat(Enumerable.Repeat(" other", i / 30)),
                ["file"] = random.Next(150) == 0 ? null : $"file {file}",
                ["place"] = i,
            };
            document.Vectors["meaning"] = new[] { (float)Math.Cos(angle), (float)Math.Sin(angle) };
            records.Add(document);
        }

        await Collection.UpsertAsync(records, Token);
    }

    public static TheoryData<string> Searches() =>
        ["vector", "keyword", "hybrid", "sorted", "filtered", "reranked", "near", "least", "sorted least", "counted"];

    [Theory]
    [MemberData(nameof(Searches))]
    public async Task A_page_has_the_groups_of_the_whole_ranking(string kind)
    {
        var request = RequestOf(kind);
        var all = await Collection.FindAsync(request with { Top = Records }, Token);
        var whole = all.Hits;
        var groups = new List<(object? Value, List<RecordKey> Keys)>();
        foreach (var hit in whole)
        {
            var value = hit.Document["file"];
            var place = value is null ? -1 : groups.FindIndex(group => value.Equals(group.Value));
            if (place < 0)
                groups.Add((value, [hit.Key]));
            else
                groups[place].Keys.Add(hit.Key);
        }

        Assert.InRange(groups.Count, 5, 40);
        foreach (var (skip, top, size) in new[] { (0, 3, 1), (0, 8, 1), (2, 4, 1), (0, 50, 1), (0, 5, 2), (1, 6, 3) })
        {
            var results = await Collection.FindAsync(request with { GroupBy = "file", GroupSize = size, Skip = skip, Top = top }, Token);
            Assert.Equal(all.Total, results.Total);
            Assert.Equal(all.Facets.SelectMany(facet => facet.Values), results.Facets.SelectMany(facet => facet.Values));
            var page = results.Hits;
            var expected = groups.Skip(skip).Take(top).ToList();
            // Each group's best hit in its place, and behind it none but the next of its group.
            var found = new List<(object? Value, List<RecordKey> Keys)>();
            foreach (var hit in page)
            {
                if (found.Count > 0 && hit.Group is not null && hit.Group.Equals(found[^1].Value))
                    found[^1].Keys.Add(hit.Key);
                else
                    found.Add((hit.Group, [hit.Key]));
            }

            Assert.Equal(expected.Select(group => (group.Value, group.Keys[0])), found.Select(group => (group.Value, group.Keys[0])));
            Assert.All(
                found.Zip(expected),
                pair =>
                {
                    Assert.InRange(pair.First.Keys.Count, 1, size);
                    Assert.Equal(pair.Second.Keys.Take(pair.First.Keys.Count), pair.First.Keys);
                }
            );
        }
    }

    private static SearchRequest RequestOf(string kind)
    {
        var request = new SearchRequest
        {
            Text = "word",
            Vector = new[] { 1f, 0f },
            Mode = SearchMode.Hybrid,
        };
        return kind switch
        {
            "vector" => request with { Mode = SearchMode.Vector, Text = null },
            "keyword" => request with { Mode = SearchMode.Keyword, Vector = null },
            "sorted" => request with { Mode = SearchMode.Keyword, Vector = null, Sort = new SortOrder("place") },
            "least" => request with { Mode = SearchMode.Vector, Text = null, MinimumScore = 0.3 },
            // In the order of places, in which records with too low a score stand among others.
            "sorted least" => request with
            {
                Mode = SearchMode.Keyword,
                Text = "rare word",
                Vector = null,
                Sort = new SortOrder("place"),
                MinimumScore = 0.4,
            },
            "counted" => request with { Mode = SearchMode.Keyword, Vector = null, CountTotal = true, Facets = [new FacetRequest("file")] },
            "filtered" => request with { Filter = DocumentFilter.Less("place", 800) },
            // What the steps behind the ranking do not reach stays behind what they reach.
            "reranked" => request with
            {
                Rerank = new RerankOptions
                {
                    Reranker = new DelegateReranker(
                        "same",
                        (_, passages, _) => Task.FromResult<IReadOnlyList<double>>([.. passages.Select(_ => 1.0)])
                    ),
                    Candidates = 10,
                },
            },
            "near" => request with { Mode = SearchMode.Vector, Text = null, MaximumDistance = 0.6f },
            _ => request,
        };
    }
}
