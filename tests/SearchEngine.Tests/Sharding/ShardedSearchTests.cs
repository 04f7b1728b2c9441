using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Tests.Sharding;

/// <summary>A search of shards gives what one collection of all records gives.</summary>
public sealed class ShardedSearchTests(FilledCollections filled) : IClassFixture<FilledCollections>
{
    private const int Records = FilledCollections.Records;

    private static readonly int[] Counts = FilledCollections.Counts;

    private readonly ShardedCollections _collections = filled.Collections;

    [Fact]
    public async Task Every_kind_of_search_gives_the_same_hits_before_and_after_changes()
    {
        var random = new Random(TestSeed.Get(20261127));
        await CompareAsync(_collections, random, rounds: 6);

        await using var changing = await FilledCollections.FillAsync();
        // A third is replaced by other sentences, some are deleted, some are new.
        var changed = Enumerable.Range(0, Records / 3).Select(_ => random.Next(Records)).Distinct().ToArray();
        await changing.UpsertAsync(changed.Select(key => WikipediaText.Record(key, Records + key)));
        await changing.DeleteAsync([.. Enumerable.Range(0, 300).Select(_ => (RecordKey)random.Next(Records)).Distinct()]);
        await changing.UpsertAsync(Enumerable.Range(Records, 100).Select(key => WikipediaText.Record(key, Records + key)));
        await changing.RebuildAsync();
        await CompareAsync(changing, random, rounds: 3);
    }

    [Fact]
    public async Task Pages_are_slices_of_one_order()
    {
        var random = new Random(TestSeed.Get(7));
        foreach (var count in Counts)
        {
            var request = Base(WikipediaText.Query(random, misspells: false), SearchMode.Hybrid) with { Top = 60 };
            var whole = (await _collections.FindAsync(count, request)).Hits.Select(hit => (hit.Key, hit.Score)).ToArray();
            var pages = new List<(RecordKey, double)>();
            for (var skip = 0; skip < 60; skip += 7)
            {
                var page = await _collections.FindAsync(count, request with { Skip = skip, Top = Math.Min(7, 60 - skip) });
                pages.AddRange(page.Hits.Select(hit => (hit.Key, hit.Score)));
            }

            Assert.Equal(whole, pages);
        }
    }

    /// <summary>Snippets are chosen by how rare the words are among all records, also where words find nothing.</summary>
    [Fact]
    public async Task Snippets_of_a_search_by_vector_alone_are_the_same()
    {
        var random = new Random(TestSeed.Get(17));
        var snippets = 0;
        for (var i = 0; i < 25; i++)
        {
            var text = string.Join(' ', Enumerable.Range(0, 4).Select(_ => WikipediaText.Query(random, misspells: false)));
            var request = Base(text, SearchMode.Vector) with { SnippetField = "text", SnippetLength = 40, CorrectSpelling = false };
            var expected = await _collections.One.FindAsync(request);
            snippets += expected.Hits.Count(hit => hit.Snippet is { Matches.Count: > 0 });
            foreach (var count in Counts)
                SameResults.Check(request, expected, await _collections.FindAsync(count, request), $"{count} shards");
        }

        Assert.True(snippets > 50, $"{snippets} snippets hold a word of the query");
    }

    [Fact]
    public async Task Suggestions_are_the_same()
    {
        var random = new Random(TestSeed.Get(11));
        string[] fixedTexts = ["t", "the w", "in the s", "photosy", "phptosy", "zzzz", "", "the "];
        var texts = fixedTexts.Concat(
            Enumerable.Range(0, 40).Select(_ => WikipediaText.Query(random, misspells: false)).Select(text => text[..^(text.Length / 4)])
        );
        foreach (var text in texts)
        {
            var expected = await _collections.One.SuggestAsync(text, 10);
            foreach (var count in Counts)
                Assert.Equal(expected, await _collections.SuggestAsync(count, text, 10));
        }
    }

    [Fact]
    public async Task A_graph_in_parts_finds_no_fewer()
    {
        var random = new Random(TestSeed.Get(13));
        var found = Counts.Append(0).ToDictionary(count => count, _ => 0);
        const int queries = 60;
        for (var i = 0; i < queries; i++)
        {
            // The same vectors lie in both fields.
            var vector = WikipediaText.Options.Generator is HashingEmbeddingGenerator embedder
                ? embedder.Embed(WikipediaText.Query(random, misspells: false))
                : throw new InvalidOperationException();
            var exact = new SearchRequest
            {
                Mode = SearchMode.Vector,
                Vector = vector,
                VectorField = "exact",
            };
            var truth = (await _collections.One.FindAsync(exact)).Hits.Select(hit => hit.Key).ToHashSet();
            var graph = exact with { VectorField = "graph" };
            found[0] += (await _collections.One.FindAsync(graph)).Hits.Count(hit => truth.Contains(hit.Key));
            foreach (var count in Counts)
                found[count] += (await _collections.FindAsync(count, graph)).Hits.Count(hit => truth.Contains(hit.Key));
        }

        // Several threads link the nodes, so that two graphs of the same records differ from run to run: 590 to 595 of 600 were
        // found by either of two that hold all. A shard that is not asked, or whose hits are lost, costs an eighth at least.
        foreach (var count in Counts)
        {
            Assert.True(found[count] >= found[0] - 0.03 * queries * 10, $"{count} shards found {found[count]}, one collection {found[0]}.");
        }
    }

    [Fact]
    public async Task A_moment_that_was_released_is_not_read_again()
    {
        await using var few = await ShardedCollections.CreateAsync(1);
        await few.UpsertAsync(Enumerable.Range(0, 50).Select(key => WikipediaText.Record(key, key)));
        var shard = few.Shards(1)[0];
        var search = new SearchEngine.Sharding.ShardSearch
        {
            Mode = SearchMode.Keyword,
            Depth = 5,
            Text = "the",
        };
        var found = await shard.FindCandidatesAsync(search);
        var read = new SearchEngine.Sharding.ShardRead(found.Moment, found.Records);
        var before = await shard.ReadAsync(read);
        // The moment is read as it was, whatever is written meanwhile.
        await few.DeleteAsync([.. before.Select(record => record.Document.Key)]);
        Assert.Equal(before.Select(r => r.Document.Version), (await shard.ReadAsync(read)).Select(r => r.Document.Version));
        await shard.ReadAsync(read with { Release = true });
        var error = await Assert.ThrowsAsync<SearchDatabaseException>(() => shard.ReadAsync(read));
        Assert.Equal(SearchDatabaseError.SnapshotTooOld, error.Error);
    }

    private static async Task CompareAsync(ShardedCollections collections, Random random, int rounds)
    {
        for (var round = 0; round < rounds; round++)
        {
            foreach (var request in Requests(random))
            {
                var expected = await collections.One.FindAsync(request);
                foreach (var count in Counts)
                {
                    try
                    {
                        SameResults.Check(request, expected, await collections.FindAsync(count, request), $"{count} shards");
                    }
                    catch (Xunit.Sdk.XunitException)
                    {
                        if (!await IsCutAmongEqualsAsync(collections.One, request))
                            throw;
                    }
                }
            }
        }
    }

    /// <summary>
    /// Whether the keyword ranking of a hybrid search ends between records of equal scores: which of them are fused is up to their order in
    /// an index, and the distances of those that are differ.
    /// </summary>
    private static async Task<bool> IsCutAmongEqualsAsync(SearchCollection collection, SearchRequest request)
    {
        if (request.Mode != SearchMode.Hybrid)
            return false;
        var plan = SearchPlan.Make(collection.Schema, request);
        while (request.GroupBy is not null && plan.Deeper() is { } deeper)
            plan = deeper;
        var words = new SearchRequest
        {
            Mode = SearchMode.Keyword,
            Text = request.Text,
            Keywords = request.Keywords,
            Syntax = request.Syntax,
            TextFields = request.TextFields,
            CorrectSpelling = request.CorrectSpelling,
            Filter = request.Filter,
            Top = plan.Depth + 1,
        };
        var scores = (await collection.FindAsync(words)).Hits.Select(hit => hit.Score).ToArray();
        return SearchPlan.Depths(plan.FirstDepth, plan.Depth).Any(depth => depth < scores.Length && scores[depth - 1] == scores[depth]);
    }

    private static SearchRequest Base(string text, SearchMode mode) =>
        new()
        {
            Text = text,
            Mode = mode,
            VectorField = "exact",
        };

    private static IEnumerable<SearchRequest> Requests(Random random)
    {
        string Query(bool misspells = false) => WikipediaText.Query(random, misspells);
        foreach (var mode in Enum.GetValues<SearchMode>())
        {
            yield return Base(Query(), mode);
            yield return Base(Query(misspells: true), mode) with
            {
                SnippetField = "text",
                Explain = true,
            };
            yield return Base(Query(), mode) with
            {
                Filter = DocumentFilter.Less("length", random.Next(60, 200)),
                CountTotal = true,
                Facets =
                [
                    new FacetRequest("title") { Top = 5 },
                    new FacetRequest("letters"),
                    new FacetRequest("weight") { Borders = [10.0, 50.0, 90.0] },
                ],
            };
            yield return Base(Query(), mode) with
            {
                Skip = random.Next(30),
                Top = 1 + random.Next(20),
            };
            yield return Base(Query(), mode) with
            {
                ExplainKey = random.Next(Records + 50),
            };
        }

        yield return Base(Query(), SearchMode.Hybrid) with
        {
            GroupBy = "title",
            GroupSize = 2,
        };
        // More groups than the first candidates are of. (Words alone give many records the same score, and a page may end among them.)
        foreach (var mode in new[] { SearchMode.Hybrid, SearchMode.Vector })
        {
            yield return Base(Query(), mode) with
            {
                GroupBy = "title",
                Top = 30,
                Skip = random.Next(40),
            };
            yield return Base(Query(), mode) with
            {
                GroupBy = "day",
                Top = 5,
            };
        }

        yield return Base(Query(), SearchMode.Hybrid) with
        {
            Diversity = new DiversityOptions { VectorField = "topic" },
            IncludeVectors = true,
        };
        yield return Base(Query(), SearchMode.Hybrid) with
        {
            MaximumDistance = 0.9f,
            MinimumScore = 0.3,
        };
        foreach (var farthest in new[] { 0.2f, 0.6f })
        {
            yield return Base("zzyzx qfx", SearchMode.Hybrid) with
            {
                FarthestAnswer = farthest,
                CorrectSpelling = false,
            };
        }

        yield return Base(Query(), SearchMode.Hybrid) with
        {
            Fusion = new FusionOptions
            {
                VectorWeight = 0.2,
                KeywordWeight = 0.8,
                Depth = 30,
            },
        };
        yield return Base(Query(), SearchMode.Hybrid) with
        {
            TextFields = ["title"],
            Skip = 250,
        };
        yield return Base(Query(), SearchMode.Hybrid) with
        {
            Boosts = [new NumericBoost("weight", 0.3, 40)],
            Explain = true,
        };
        yield return Base(Query(), SearchMode.Hybrid) with
        {
            Rerank = new RerankOptions
            {
                Reranker = new DelegateReranker(
                    "length",
                    (_, passages, _) => Task.FromResult<IReadOnlyList<double>>([.. passages.Select(p => (double)p.Length)])
                ),
                Candidates = 20,
            },
            Explain = true,
        };
        yield return new SearchRequest
        {
            Text = Query(),
            Mode = random.Next(2) == 0 ? SearchMode.Hybrid : SearchMode.Vector,
            VectorQueries = [new VectorQuery("exact") { Weight = 2 }, new VectorQuery("topic")],
            Explain = true,
        };
        yield return new SearchRequest { Mode = SearchMode.Keyword, Text = $"\"{Query()}\"" };
        yield return new SearchRequest
        {
            Mode = SearchMode.Keyword,
            Text = $"+{Query()} title:the",
            Syntax = QuerySyntax.Operators,
        };
        yield return new SearchRequest
        {
            Mode = SearchMode.Keyword,
            Keywords = [Query(), Query()],
            CountTotal = true,
        };
        yield return new SearchRequest
        {
            Mode = SearchMode.Keyword,
            Text = Query(),
            Sort = new SortOrder("length", Descending: true),
            CountTotal = true,
        };
        yield return new SearchRequest
        {
            Mode = SearchMode.Keyword,
            Sort = new SortOrder("day"),
            Filter = DocumentFilter.Equal("note", "fifth"),
            Top = 20,
        };
        yield return new SearchRequest
        {
            Mode = SearchMode.Keyword,
            Text = string.Join(' ', Enumerable.Range(0, 120).Select(_ => Query())),
        };
        yield return Base(Query(), SearchMode.Hybrid) with
        {
            Filter = DocumentFilter.Equal("note", "nowhere"),
            CountTotal = true,
        };
    }
}
