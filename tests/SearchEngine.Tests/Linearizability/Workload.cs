using System.Text.Json;
using SearchEngine.TestSupport;
using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Linearizability;

/// <summary>Workers on a few keys of one collection, each noting in a <see cref="History"/> what it did and saw.</summary>
internal sealed class Workload(SearchCollection collection, History history, int seed)
{
    public const int Keys = 8;
    public const int Tags = 3;

    /// <summary>Two more keys, which every batch that writes one of them writes both of, with one value.</summary>
    private const int PairA = 100;
    private const int PairB = 101;
    private static int s_values;

    public static readonly CollectionSchema Schema = new()
    {
        Name = "history",
        KeyKind = RecordKeyKind.Int32,
        Fields =
        [
            new DataField("value", DataFieldType.Int32),
            new DataField("kept", DataFieldType.Int32),
            new DataField("tag", DataFieldType.Int32) { IsFilterable = true },
            new DataField("word", DataFieldType.String) { IsFullText = true },
        ],
        Vectors =
        [
            new VectorField("exact", Keys)
            {
                Metric = DistanceMetric.Euclidean,
                Index = VectorIndexKind.Flat,
                Quantization = VectorQuantization.None,
            },
            new VectorField("graph", Keys) { Metric = DistanceMetric.Euclidean, Quantization = VectorQuantization.None },
        ],
    };

    private static int NextValue() => Interlocked.Increment(ref s_values);

    public async Task RunAsync()
    {
        var work = new SideBySide();
        void Work(int worker, int turns, Func<Random, Task> step)
        {
            var random = new Random(seed * 31 + worker);
            work.Add(turns, _ => step(random));
        }

        Work(1, 1000, WriteAsync);
        Work(2, 1000, WriteAsync);
        Work(3, 200, ByFilterAsync);
        Work(4, 2000, ReadAsync);
        Work(5, 2000, ReadAsync);
        Work(6, 500, ReadAllAsync);
        Work(7, 20, MaintainAsync);
        await work.RunAsync();
    }

    private static Document Whole(int key, int value, int kept, int tag)
    {
        var vector = new float[Keys];
        if (key < Keys)
            vector[key] = 10;
        else
            vector[0] = -100 - key;
        return new Document(key)
        {
            ["value"] = value,
            ["kept"] = kept,
            ["tag"] = tag,
            ["word"] = $"word{key}",
            Vectors = { ["exact"] = vector, ["graph"] = vector },
        };
    }

    private static RecordState StateOf(int key, Document? document)
    {
        Assert.True(document is null || (int)document.Key.Value == key, $"asked for key {key}, got the record of {document?.Key}");
        return document is null
            ? RecordState.None
            : new RecordState(
                true,
                (int)document["value"]!,
                (int)document["kept"]!,
                (int)document["tag"]!,
                document.Version.IsNone ? null : document.Version
            );
    }

    private async Task WriteAsync(Random random)
    {
        var key = random.Next(Keys);
        var (value, kept, tag) = (NextValue(), NextValue(), random.Next(Tags));
        var called = history.Now();
        switch (random.Next(10))
        {
            case < 3:
                var upserted = await collection.UpsertAsync(Whole(key, value, kept, tag));
                history.Add(key, called, history.Now(), $"upsert {value}", _ => new RecordState(true, value, kept, tag, upserted.Version));
                break;
            case < 5:
                var deleted = (await collection.DeleteAsync([RecordKey.From(key)])).Deleted > 0;
                history.Add(key, called, history.Now(), $"delete {deleted}", state => state.Exists == deleted ? RecordState.None : null);
                break;
            case < 7:
                var patched = await collection.WriteAsync(new WriteBatch().Patch(new Document(key) { ["value"] = value }));
                history.Add(
                    key,
                    called,
                    history.Now(),
                    $"patch {value} {patched.Updated}",
                    state =>
                        state.Exists != (patched.Updated == 1) ? null
                        : state.Exists ? state with { Value = value, Version = patched.Version }
                        : state
                );
                break;
            case 7:
                var both = await collection.WriteAsync(
                    new WriteBatch().Upsert(Whole(PairA, value, kept, Tags)).Upsert(Whole(PairB, value, kept, Tags))
                );
                Assert.Equal(2, both.Inserted + both.Updated);
                break;
            default:
                await WriteExpectingAsync(key, Whole(key, value, kept, tag));
                break;
        }
    }

    /// <summary>Reads a record and writes it back, expecting it to be as it was read.</summary>
    private async Task WriteExpectingAsync(int key, Document document)
    {
        var called = history.Now();
        var seen = collection.Get(key);
        history.AddRead(key, called, history.Now(), "get", StateOf(key, seen));
        var expected = seen?.Version ?? RecordVersion.None;
        called = history.Now();
        try
        {
            var written = await collection.WriteAsync(new WriteBatch().Upsert(document, expected));
            var state = StateOf(key, document) with { Version = written.Version };
            history.Add(
                key,
                called,
                history.Now(),
                $"upsert {state.Value} for {expected}",
                before => Is(before, expected) != false ? state : null
            );
        }
        catch (SearchDatabaseException e) when (e.Error == SearchDatabaseError.VersionConflict)
        {
            Assert.Equal(RecordKey.From(key), e.Key);
            history.Add(key, called, history.Now(), $"conflict for {expected}", before => Is(before, expected) != true ? before : null);
        }
    }

    /// <summary>Whether a state has a version; null where it is not known.</summary>
    private static bool? Is(RecordState state, RecordVersion version) =>
        version.IsNone ? !state.Exists
        : !state.Exists ? false
        : state.Version is { } known ? known == version
        : null;

    private async Task ByFilterAsync(Random random)
    {
        var tag = random.Next(Tags);
        var filter = DocumentFilter.Equal("tag", tag);
        var called = history.Now();
        if (random.Next(2) == 0)
        {
            await collection.DeleteAsync(filter);
            var returned = history.Now();
            for (var key = 0; key < Keys; key++)
            {
                history.Add(
                    key,
                    called,
                    returned,
                    $"delete tag {tag}",
                    state => state.Exists && state.Tag == tag ? RecordState.None : state
                );
            }
            return;
        }

        var value = NextValue();
        await collection.PatchAsync(filter, new Document(0) { ["value"] = value });
        var end = history.Now();
        for (var key = 0; key < Keys; key++)
        {
            history.Add(
                key,
                called,
                end,
                $"patch tag {tag} to {value}",
                state => state.Exists && state.Tag == tag ? state with { Value = value, Version = null } : state
            );
        }
    }

    private async Task ReadAsync(Random random)
    {
        var key = random.Next(Keys);
        var called = history.Now();
        switch (random.Next(6))
        {
            case 0:
                // Read before the time is taken: arguments are evaluated from left to right.
                var got = collection.Get(key);
                history.AddRead(key, called, history.Now(), "get", StateOf(key, got));
                break;
            case 1:
                var hits = await collection.SearchAsync(
                    new SearchRequest
                    {
                        Mode = SearchMode.Keyword,
                        Text = $"word{key}",
                        Top = 3,
                    }
                );
                Assert.True(hits.Count <= 1, "two records of one key");
                history.AddRead(key, called, history.Now(), "keyword search", StateOf(key, hits.Count == 0 ? null : hits[0].Document));
                break;
            case 2 or 3:
                var field = random.Next(2) == 0 ? "exact" : "graph";
                var nearest = await collection.SearchAsync(
                    new SearchRequest
                    {
                        Mode = SearchMode.Vector,
                        VectorField = field,
                        Vector = Whole(key, 0, 0, 0).Vectors["exact"],
                        MaximumDistance = 1,
                        Top = 3,
                    }
                );
                Assert.True(nearest.Count <= 1, "two records of one key");
                history.AddRead(
                    key,
                    called,
                    history.Now(),
                    $"search of {field}",
                    StateOf(key, nearest.Count == 0 ? null : nearest[0].Document)
                );
                break;
            case 4:
                var there = collection.CountWhere(DocumentFilter.Equal(DocumentFilter.KeyField, key)) == 1;
                history.Add(key, called, history.Now(), $"count {there}", state => state.Exists == there ? state : null);
                break;
            default:
                var contained = collection.Contains(key);
                history.Add(key, called, history.Now(), $"contains {contained}", state => state.Exists == contained ? state : null);
                break;
        }
    }

    /// <summary>Reads of many records: each is of one moment, so what is written together is seen together.</summary>
    private async Task ReadAllAsync(Random random)
    {
        var called = history.Now();
        IEnumerable<Document> found;
        string what;
        switch (random.Next(3))
        {
            case 0:
                what = "query";
                found = collection.Query(new RecordQuery { OrderBy = random.Next(2) == 0 ? [] : [new SortKey("value")] });
                break;
            case 1:
                what = "get of many";
                found = collection.Get([.. Enumerable.Range(0, Keys).Append(PairA).Append(PairB).Select(key => RecordKey.From(key))]);
                break;
            default:
                what = "export";
                found = await ExportedAsync();
                break;
        }

        var documents = new Dictionary<int, Document>();
        foreach (var document in found)
        {
            Assert.True(documents.TryAdd((int)document.Key.Value, document), $"{what} has two records of key {document.Key}");
            if (random.Next(4) == 0)
                await Task.Yield();
        }

        var returned = history.Now();
        for (var key = 0; key < Keys; key++)
            history.AddRead(key, called, returned, what, StateOf(key, documents.GetValueOrDefault(key)));
        Assert.Equal(documents.GetValueOrDefault(PairA)?["value"], documents.GetValueOrDefault(PairB)?["value"]);
    }

    private async Task<IReadOnlyList<Document>> ExportedAsync()
    {
        using var output = new MemoryStream();
        await CollectionExport.WriteAsync(collection, output, includeVectors: false);
        var documents = new List<Document>();
        foreach (var line in System.Text.Encoding.UTF8.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using var json = JsonDocument.Parse(line);
            if (!json.RootElement.TryGetProperty("key", out var key))
                continue;
            var fields = json.RootElement.GetProperty("fields");
            documents.Add(
                new Document(key.GetInt32())
                {
                    ["value"] = fields.GetProperty("value").GetInt32(),
                    ["kept"] = fields.GetProperty("kept").GetInt32(),
                    ["tag"] = fields.GetProperty("tag").GetInt32(),
                }
            );
        }

        return documents;
    }

    private async Task MaintainAsync(Random random)
    {
        if (random.Next(6) == 0)
            await collection.CompactAsync();
        else
            await collection.CheckpointAsync();
    }
}
