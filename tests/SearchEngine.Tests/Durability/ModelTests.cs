using SearchEngine.TestSupport;
using SearchEngine.Vectors;
using Xunit;

namespace SearchEngine.Tests.Durability;

/// <summary>Random operations, held against a dictionary, with reopening, simulated kills, snapshots and restores at random.</summary>
public class ModelTests
{
    private const int Seeds = 4;
    private const int Steps = 150;
    private const int Keys = 80;
    private const int Dimension = 8;

    private static readonly CollectionSchema Schema = new()
    {
        Name = "model",
        KeyKind = RecordKeyKind.Int32,
        Fields =
        [
            new DataField("word", DataFieldType.String) { IsFullText = true },
            new DataField("number", DataFieldType.Int32) { IsFilterable = true },
            new DataField("plain", DataFieldType.Int64),
            new DataField("tags", DataFieldType.String) { IsList = true, IsFilterable = true },
        ],
        Vectors =
        [
            new VectorField("exact", Dimension)
            {
                Metric = DistanceMetric.Euclidean,
                Index = VectorIndexKind.Flat,
                Quantization = VectorQuantization.None,
            },
            new VectorField("graph", Dimension) { Quantization = VectorQuantization.Int8 },
        ],
    };

    public static TheoryData<int> RandomSeeds() =>
        [.. Enumerable.Range(0, Seeds).Select(i => (Environment.TickCount & 0xFFFF) + i * 65_536)];

    [Theory]
    [MemberData(nameof(RandomSeeds))]
    public async Task Random_operations_agree_with_a_dictionary(int seed)
    {
        seed = TestSeed.Get(seed);
        var run = new Run(new Random(seed));
        try
        {
            await run.StepsAsync();
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"seed {seed}, after {string.Join(", ", run.Done.TakeLast(12))}: {e.Message}", e);
        }
        finally
        {
            await run.DisposeAsync();
        }
    }

    private sealed record State(string Word, int Number, long Plain, string[]? Tags, float[]? Exact, float[] Graph);

    private sealed class Run(Random random) : IAsyncDisposable
    {
        private readonly TemporaryDirectory _directory = new();
        private readonly Dictionary<int, State> _model = [];
        private readonly Dictionary<string, string> _metadata = [];
        private int _folders;
        private SearchDatabase? _database;
        private SearchCollection _collection = null!;

        public List<string> Done { get; } = [];

        public async Task StepsAsync()
        {
            await OpenAsync(NextFolder());
            for (var step = 0; step < Steps; step++)
                await StepAsync();
            await ReopenAsync();
            await CompareAsync();
        }

        public async ValueTask DisposeAsync()
        {
            if (_database is not null)
                await _database.DisposeAsync();
            _directory.Dispose();
        }

        private string NextFolder() => _directory.Combine($"db{_folders++}");

        private static SearchDatabaseOptions Options(string directory) =>
            new()
            {
                Directory = directory,
                MemoryBytes = 16 << 20,
                CheckpointLogBytes = 64 << 10,
                CheckpointInterval = TimeSpan.Zero,
                IndexThreads = 2,
                Storage = new StorageSettings
                {
                    HashIndexBytes = 64 << 10,
                    ImagesFrom = 1,
                    ImageChanges = 20,
                },
            };

        private async Task OpenAsync(string directory)
        {
            _database = await SearchDatabase.OpenAsync(Options(directory));
            _collection = await _database.GetOrCreateCollectionAsync(Schema);
        }

        private async Task StepAsync()
        {
            var kind = random.Next(100);
            var (name, run) = kind switch
            {
                < 35 => ("write", (Func<Task>)WriteAsync),
                < 42 => ("delete by filter", DeleteByFilterAsync),
                < 55 => ("query", QueryAsync),
                < 68 => ("vector search", VectorSearchAsync),
                < 76 => ("keyword search", KeywordSearchAsync),
                < 82 => ("checkpoint", () => _collection.CheckpointAsync()),
                < 86 => ("compact", () => _collection.CompactAsync()),
                < 90 => ("reopen", ReopenAsync),
                < 94 => ("kill", KillAsync),
                < 96 => ("snapshot", SnapshotAsync),
                < 98 => ("repair", RepairAsync),
                _ => ("compare", CompareAsync),
            };
            Done.Add(name);
            await run();
        }

        private State RandomState() =>
            new(
                $"w{random.Next(30)}",
                random.Next(-20, 20),
                random.NextInt64(),
                random.Next(3) == 0 ? null : [.. Enumerable.Range(0, random.Next(4)).Select(_ => $"t{random.Next(6)}")],
                random.Next(5) == 0 ? null : RandomVector(),
                RandomVector()
            );

        private float[] RandomVector() => [.. Enumerable.Range(0, Dimension).Select(_ => (float)random.NextDouble() - 0.5f)];

        private static Document DocumentOf(int key, State state)
        {
            var document = new Document(key)
            {
                ["word"] = state.Word,
                ["number"] = state.Number,
                ["plain"] = state.Plain,
                ["tags"] = state.Tags,
                Vectors = { ["graph"] = state.Graph },
            };
            if (state.Exact is not null)
                document.Vectors["exact"] = state.Exact;
            return document;
        }

        /// <summary>A batch of any size and mixture; a key may occur several times in it.</summary>
        private async Task WriteAsync()
        {
            var batch = new WriteBatch();
            for (var i = random.Next(4) == 0 ? random.Next(20, 60) : random.Next(1, 4); i > 0; i--)
            {
                var key = random.Next(Keys);
                switch (random.Next(8))
                {
                    case 0 or 1:
                        batch.Delete(key);
                        _model.Remove(key);
                        break;
                    case 2:
                        var name = $"m{random.Next(5)}";
                        var value = random.Next(3) == 0 ? null : $"{random.Next()}";
                        batch.SetMetadata(name, value);
                        if (value is null)
                            _metadata.Remove(name);
                        else
                            _metadata[name] = value;
                        break;
                    default:
                        var state = RandomState();
                        batch.Upsert(DocumentOf(key, state));
                        _model[key] = state;
                        break;
                }
            }

            await _collection.WriteAsync(batch);
        }

        private (DocumentFilter Filter, Func<KeyValuePair<int, State>, bool> Matches) RandomFilter()
        {
            var number = random.Next(-20, 20);
            var plain = random.NextInt64();
            var tag = $"t{random.Next(6)}";
            return random.Next(6) switch
            {
                0 => (DocumentFilter.Less("number", number), r => r.Value.Number < number),
                1 => (!DocumentFilter.Equal("number", number), r => r.Value.Number != number),
                2 => (DocumentFilter.GreaterOrEqual("plain", plain), r => r.Value.Plain >= plain),
                3 => (new DocumentFilter.ContainsAny("tags", [tag]), r => r.Value.Tags?.Contains(tag) == true),
                4 => (
                    DocumentFilter.Less("number", number) & DocumentFilter.Less("plain", plain),
                    r => r.Value.Number < number && r.Value.Plain < plain
                ),
                _ => (
                    DocumentFilter.Greater("number", number) | new DocumentFilter.ContainsAny("tags", [tag]),
                    r => r.Value.Number > number || r.Value.Tags?.Contains(tag) == true
                ),
            };
        }

        private async Task DeleteByFilterAsync()
        {
            var number = random.Next(-20, 20);
            var doomed = _model.Where(r => r.Value.Number == number).Select(r => r.Key).ToArray();
            Assert.Equal(doomed.Length, await _collection.DeleteAsync(DocumentFilter.Equal("number", number)));
            foreach (var key in doomed)
                _model.Remove(key);
        }

        private Task QueryAsync()
        {
            var (filter, matches) = RandomFilter();
            var expected = _model.Where(matches).OrderByDescending(r => r.Value.Plain).Select(r => r.Key).ToArray();
            Assert.Equal(expected.Length, _collection.CountWhere(filter));
            var skip = random.Next(3);
            var found = _collection.Query(
                new RecordQuery
                {
                    Filter = filter,
                    OrderBy = [new SortKey("plain", Descending: true)],
                    Skip = skip,
                    Top = 20,
                }
            );
            Assert.Equal(expected.Skip(skip).Take(20), found.Select(d => (int)d.Key.Value));
            return Task.CompletedTask;
        }

        /// <summary>The flat index is exact: its hits are those of comparing every vector.</summary>
        private async Task VectorSearchAsync()
        {
            var query = RandomVector();
            var (filter, matches) = RandomFilter();
            var filtered = random.Next(2) == 0;
            var expected = _model
                .Where(r => r.Value.Exact is not null && (!filtered || matches(r)))
                .Select(r => (r.Key, Distance: r.Value.Exact!.Zip(query, (a, b) => (double)(a - b) * (a - b)).Sum()))
                .OrderBy(r => r.Distance)
                .Take(7)
                .Select(r => r.Key)
                .ToArray();
            var hits = await _collection.SearchAsync(
                new SearchRequest
                {
                    Mode = SearchMode.Vector,
                    Vector = query,
                    VectorField = "exact",
                    Top = 7,
                    Filter = filtered ? filter : null,
                }
            );
            Assert.Equal(expected, hits.Select(h => (int)h.Key.Value));

            var near = await _collection.SearchAsync(
                new SearchRequest
                {
                    Mode = SearchMode.Vector,
                    Vector = query,
                    VectorField = "graph",
                    Top = 5,
                    Ef = 200,
                    Filter = filtered ? filter : null,
                }
            );
            Assert.Equal(Math.Min(5, _model.Count(r => !filtered || matches(r))), near.Count);
            foreach (var hit in near)
                AssertIs(_model[(int)hit.Key.Value], hit.Document, withVectors: false);
        }

        private async Task KeywordSearchAsync()
        {
            var word = $"w{random.Next(30)}";
            var hits = await _collection.SearchAsync(
                new SearchRequest
                {
                    Mode = SearchMode.Keyword,
                    Keywords = [word],
                    Top = Keys,
                }
            );
            Assert.Equal(_model.Where(r => r.Value.Word == word).Select(r => r.Key).Order(), hits.Select(h => (int)h.Key.Value).Order());
        }

        private async Task ReopenAsync()
        {
            var directory = _database!.Options.Directory;
            await _database.DisposeAsync();
            await OpenAsync(directory);
        }

        /// <summary>What a killed process leaves is what its files hold at that moment: a copy of them goes on.</summary>
        private async Task KillAsync()
        {
            var killed = _database!.Options.Directory;
            var copy = NextFolder();
            TemporaryDirectory.Copy(killed, copy);
            await _database.DisposeAsync();
            Directory.Delete(killed, recursive: true);
            await OpenAsync(copy);
            await CompareAsync();
        }

        private async Task SnapshotAsync()
        {
            var snapshot = _directory.Combine($"snapshot{_folders}");
            await _collection.CreateSnapshotAsync(snapshot);
            await _database!.DisposeAsync();
            _database = await SearchDatabase.OpenAsync(Options(snapshot) with { ReadOnly = true });
            _collection = await _database.GetCollectionAsync(Schema.Name);
            await CompareAsync();
            await _database.DisposeAsync();
            _database = await SearchDatabase.OpenAsync(Options(NextFolder()));
            _collection = await _database.RestoreCollectionAsync(snapshot);
            Directory.Delete(snapshot, recursive: true);
        }

        private async Task RepairAsync()
        {
            Assert.Empty((await _database!.RepairCollectionAsync(Schema.Name)).Changes);
            _collection = await _database.GetCollectionAsync(Schema.Name);
        }

        private async Task CompareAsync()
        {
            Assert.Equal(_model.Count, _collection.Count);
            for (var key = 0; key < Keys; key++)
            {
                var found = _collection.Get(key, includeVectors: true);
                if (_model.TryGetValue(key, out var state))
                    AssertIs(state, found, withVectors: true);
                else
                    Assert.Null(found);
            }

            Assert.Equal(_model.Keys.Order(), _collection.ListKeys().Select(k => (int)k.Value).Order());
            Assert.Equal(_metadata.OrderBy(m => m.Key), _collection.ListMetadata().OrderBy(m => m.Key));
            Assert.Empty((await _collection.VerifyAsync()).Problems);
        }

        private static void AssertIs(State state, Document? found, bool withVectors)
        {
            Assert.NotNull(found);
            Assert.Equal((state.Word, state.Number, state.Plain), (found["word"], found["number"], found["plain"]));
            Assert.Equal(state.Tags, (string[]?)found["tags"]);
            if (!withVectors)
                return;
            Assert.Equal(state.Graph, found.Vectors["graph"].ToArray());
            Assert.Equal(state.Exact, found.Vectors.TryGetValue("exact", out var exact) ? exact.ToArray() : null);
        }
    }
}
