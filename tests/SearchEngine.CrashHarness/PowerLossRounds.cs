using SearchEngine.TestDisks;
using SearchEngine.TestSupport;

namespace SearchEngine.CrashHarness;

/// <summary>
/// Rounds of: operations run over a disk that forgets (<see cref="SimulatedDisk"/>, Lucene's files too) until, in the middle of one, the
/// process is killed or the power goes; the database is opened again and compared. Collections are made and deleted, snapshots taken and
/// restored, checkpoints, compactions and repairs run. What was acknowledged must be there; what was under way is there whole or not at
/// all.
/// </summary>
public static class PowerLossRounds
{
    private const int Keys = 40;
    private const int OperationsPerRound = 60;

    /// <summary>Operations of the disk in a round of average length; the end comes at a random one of the first of them.</summary>
    private const int DiskOperations = 900;

    /// <summary>What became of the rounds.</summary>
    /// <param name="Rounds">How many ran.</param>
    /// <param name="PowerLosses">In how many the power went; in the others the process was killed.</param>
    /// <param name="Operations">Operations acknowledged in all.</param>
    /// <param name="Failures">What was wrong, in words with the seed.</param>
    public sealed record Result(int Rounds, int PowerLosses, int Operations, IReadOnlyList<string> Failures)
    {
        public string Summary =>
            $"{Rounds} rounds, {PowerLosses} losses of power, {Operations} operations acknowledged, {Failures.Count} failures";
    }

    public static async Task<Result> RunAsync(int rounds, int seed, Action<string>? report = null)
    {
        using var directory = new TemporaryDirectory();
        var failures = new List<string>();
        var life = new Life(directory.Combine("disk"));
        var losses = 0;
        var done = 0;
        for (; done < rounds && failures.Count == 0; done++)
        {
            var random = new Random(seed + done);
            try
            {
                await life.RunAsync(random);
                if (random.Next(4) == 0)
                {
                    life.Disk = life.Disk.AfterKill();
                }
                else
                {
                    life.Disk.LosePower(random);
                    life.Disk = new SimulatedDisk(life.Root);
                    losses++;
                }

                await life.CompareAsync(random);
            }
            catch (Exception e)
            {
                failures.Add($"seed {seed + done}: after {life.What}: {e}");
            }

            report?.Invoke($"round {done + 1}: ended in {life.What}: {(failures.Count == 0 ? "ok" : "FAILED")}");
        }

        return new Result(done, losses, life.Acknowledged, failures);
    }

    private sealed class Life(string root)
    {
        private const string Other = "other";

        private readonly string _database = Path.Combine(root, "data", "db");
        private readonly Dictionary<string, (Dictionary<string, int> State, bool Restored)> _snapshots = [];
        private Dictionary<string, int> _model = [];
        private Dictionary<string, int>? _pending;
        private bool _made;
        private bool? _other = false;
        private int _version;
        private int _names;

        public string Root { get; } = root;

        public SimulatedDisk Disk { get; set; } = new(root);

        public int Acknowledged { get; private set; }

        public string What { get; private set; } = "";

        private SearchDatabaseOptions OptionsOf(string directory) =>
            CrashModel.Options(directory) with
            {
                CheckpointInterval = TimeSpan.Zero,
                CheckpointLogBytes = 32 << 10,
                Storage = new StorageSettings
                {
                    Files = Disk,
                    Lexical = inner => new SimulatedLuceneDirectory(Disk, inner),
                    HashIndexBytes = 64 << 10,
                    IndexImageBytes = 64 << 10,
                    ImagesFrom = 1,
                    ImageChanges = 20,
                },
            };

        public async Task RunAsync(Random random)
        {
            Disk.TurnOffAfter(random.Next(1, DiskOperations));
            SearchDatabase? database = null;
            try
            {
                What = "opening";
                database = await SearchDatabase.OpenAsync(OptionsOf(_database));
                What = "making the collection";
                var collection = await database.GetOrCreateCollectionAsync(CrashModel.Schema);
                _made = true;
                for (var i = 0; i < OperationsPerRound; i++)
                {
                    collection = await OperateAsync(database, collection, random);
                    Acknowledged++;
                }
            }
            catch (SearchDatabaseException) when (Disk.IsOff)
            {
                // The end came.
            }

            Disk.TurnOff();
            try
            {
                if (database is not null)
                    await database.DisposeAsync();
            }
            catch (Exception e) when (e is SearchDatabaseException or AggregateException)
            {
                // It had nowhere to write.
            }
        }

        public async Task CompareAsync(Random random)
        {
            await using (var database = await SearchDatabase.OpenAsync(OptionsOf(_database)))
            {
                if (_made || database.CollectionExists(CrashModel.Schema.Name))
                {
                    var collection = await database.GetCollectionAsync(CrashModel.Schema.Name);
                    var differences = CrashComparison.Differences(collection, Keys, _model);
                    if (differences.Count > 0 && _pending is not null && CrashComparison.Differences(collection, Keys, _pending).Count == 0)
                    {
                        _model = _pending;
                        differences = [];
                    }

                    ThrowIfAny(differences);
                    ThrowIfAny((await collection.VerifyAsync()).Problems);
                    if (collection.Count != _model.Count)
                        throw new InvalidOperationException($"{collection.Count} records, {_model.Count} expected");
                }

                var exists = database.CollectionExists(Other);
                if (_other is { } wanted && wanted != exists)
                    throw new InvalidOperationException($"the other collection is {(exists ? "there" : "gone")}");
                _other = exists;
                if (exists)
                    ThrowIfAny((await (await database.GetCollectionAsync(Other)).VerifyAsync()).Problems);
            }

            _pending = null;
            foreach (var (name, (state, restored)) in _snapshots)
            {
                await using var snapshot = await SearchDatabase.OpenAsync(OptionsOf(Path.Combine(Root, name)) with { ReadOnly = true });
                ThrowIfAny(CrashComparison.Differences(await snapshot.GetCollectionAsync(CrashModel.Schema.Name), Keys, state));
                if (!restored)
                    continue;
                await using var copy = await SearchDatabase.OpenAsync(OptionsOf(Path.Combine(Root, name + "-restored")));
                ThrowIfAny(CrashComparison.Differences(await copy.GetCollectionAsync(CrashModel.Schema.Name), Keys, state));
            }

            // A snapshot has shown what it can after a loss of power or two.
            foreach (var name in _snapshots.Keys.Where(_ => random.Next(2) == 0).ToArray())
                _snapshots.Remove(name);
        }

        private static void ThrowIfAny(IReadOnlyList<string> problems)
        {
            if (problems.Count > 0)
                throw new InvalidOperationException(string.Join("; ", problems.Take(5)));
        }

        private async Task<SearchCollection> OperateAsync(SearchDatabase database, SearchCollection collection, Random random)
        {
            switch (random.Next(30))
            {
                case < 4:
                    What = "a checkpoint";
                    await collection.CheckpointAsync();
                    break;
                case 4:
                    What = "a compaction";
                    await collection.CompactAsync();
                    break;
                case 5:
                    What = "a snapshot";
                    await SnapshotAsync(collection);
                    break;
                case 6:
                    What = "a repair";
                    await database.RepairCollectionAsync(CrashModel.Schema.Name);
                    return await database.GetCollectionAsync(CrashModel.Schema.Name);
                case < 9:
                    What = "making or deleting a collection";
                    await ToggleAsync(database);
                    break;
                default:
                    What = "a write";
                    await WriteAsync(collection, random);
                    break;
            }

            return collection;
        }

        private async Task ToggleAsync(SearchDatabase database)
        {
            var exists = database.CollectionExists(Other);
            _other = null;
            if (exists)
                await database.DeleteCollectionAsync(Other);
            else
                await database.CreateCollectionAsync(CrashModel.Schema with { Name = Other });
            _other = !exists;
        }

        private async Task SnapshotAsync(SearchCollection collection)
        {
            var name = $"snapshot-{_names++}";
            await collection.CreateSnapshotAsync(Path.Combine(Root, name));
            _snapshots[name] = (_model, false);
            What = "restoring a snapshot";
            await using (var copy = await SearchDatabase.OpenAsync(OptionsOf(Path.Combine(Root, name + "-restored"))))
                await copy.RestoreCollectionAsync(Path.Combine(Root, name));
            _snapshots[name] = (_model, true);
        }

        private async Task WriteAsync(SearchCollection collection, Random random)
        {
            var batch = new WriteBatch();
            var after = new Dictionary<string, int>(_model);
            for (var n = random.Next(1, 8); n > 0; n--)
            {
                var key = $"0-{random.Next(Keys)}";
                if (random.Next(4) == 0)
                {
                    batch.Delete(key);
                    after.Remove(key);
                }
                else
                {
                    batch.Upsert(CrashModel.Record(key, ++_version));
                    after[key] = _version;
                }
            }

            _pending = after;
            await collection.WriteAsync(batch);
            _model = after;
            _pending = null;
        }
    }
}
