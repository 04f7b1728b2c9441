using SearchEngine.TestSupport;

namespace SearchEngine.CrashHarness;

/// <summary>
/// Flips bytes of a small database's files, one at a time. Each time, opening or verification must notice, or every answer must be what
/// it was; any other exception, a wrong answer or a hang is a failure.
/// </summary>
public static class ByteFlips
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>What became of the flips.</summary>
    /// <param name="Detected">Noticed by opening or verification.</param>
    /// <param name="Unaffected">Not noticed, and every answer was right.</param>
    /// <param name="Failures">Everything else, in words.</param>
    public sealed record Result(int Detected, int Unaffected, IReadOnlyList<string> Failures);

    /// <summary>Flips bytes of every file.</summary>
    /// <param name="perFile">How many of each file, at random; 0 for every byte.</param>
    /// <param name="seed">Decides which.</param>
    /// <param name="report">Gets a line per file.</param>
    public static async Task<Result> RunAsync(int perFile, int seed, Action<string>? report = null)
    {
        using var directory = new TemporaryDirectory();
        var original = directory.Combine("original");
        await MakeAsync(original);
        var detected = 0;
        var unaffected = 0;
        var failures = new List<string>();
        var random = new Random(seed);
        foreach (var file in Directory.EnumerateFiles(original, "*", SearchOption.AllDirectories).Where(f => Path.GetFileName(f) != "LOCK").Order(StringComparer.Ordinal))
        {
            var length = new FileInfo(file).Length;
            var relative = Path.GetRelativePath(original, file);
            var places = perFile == 0 || perFile >= length
                ? Enumerable.Range(0, (int)length).Select(i => (long)i)
                : Enumerable.Range(0, perFile).Select(_ => random.NextInt64(length)).ToArray();
            foreach (var at in places)
            {
                var copy = directory.Combine("copy");
                if (Directory.Exists(copy)) Directory.Delete(copy, recursive: true);
                TemporaryDirectory.Copy(original, copy);
                Flip(Path.Combine(copy, relative), at);
                var outcome = ExamineAsync(copy);
                if (await Task.WhenAny(outcome, Task.Delay(Patience)) != outcome)
                {
                    failures.Add($"{relative} byte {at}: no answer within {Patience.TotalSeconds} s");
                    return new Result(detected, unaffected, failures);
                }

                try
                {
                    if (await outcome) detected++;
                    else unaffected++;
                }
                catch (Exception e)
                {
                    failures.Add($"{relative} byte {at}: {e.GetType().Name}: {e.Message}");
                }
            }

            report?.Invoke($"{relative}: {length} bytes; {detected} detected, {unaffected} without effect, {failures.Count} failures");
        }

        return new Result(detected, unaffected, failures);
    }

    private static async Task MakeAsync(string directory)
    {
        await using var database = await SearchDatabase.OpenAsync(Options(directory));
        var collection = await database.CreateCollectionAsync(CrashModel.Schema);
        var batch = new WriteBatch().SetMetadata("state", "value");
        for (var i = 0; i < 12; i++) batch.Upsert(CrashModel.Record($"0-{i}", i + 1));
        await collection.WriteAsync(batch);
        await collection.DeleteAsync([RecordKey.From("0-3")]);
        await collection.UpsertAsync(CrashModel.Record("0-4", 40));
    }

    private static SearchDatabaseOptions Options(string directory) => CrashModel.Options(directory) with { CheckpointInterval = TimeSpan.Zero };

    /// <summary>True if damage was noticed, false if every answer is right; throws on a wrong one.</summary>
    private static async Task<bool> ExamineAsync(string directory)
    {
        try
        {
            await using var database = await SearchDatabase.OpenAsync(Options(directory));
            if (!database.CollectionExists(CrashModel.Schema.Name)) throw new InvalidOperationException("the collection is gone without a word");
            var collection = await database.GetCollectionAsync(CrashModel.Schema.Name);
            if ((await collection.VerifyAsync()).Problems.Count > 0) return true;
            for (var i = 0; i < 12; i++)
            {
                var found = collection.Get($"0-{i}", includeVectors: true);
                int? version = i == 3 ? null : i == 4 ? 40 : i + 1;
                if (version is null ? found is not null : found is null || (int)found["version"]! != version) throw new InvalidOperationException($"record 0-{i} is wrong and nothing was noticed");
                if (version is null) continue;
                var wanted = CrashModel.Record($"0-{i}", version.Value);
                if ((string)found!["text"]! != (string)wanted["text"]! || !found.Vectors["vector"].Span.SequenceEqual(wanted.Vectors["vector"].Span))
                    throw new InvalidOperationException($"record 0-{i} has wrong content and nothing was noticed");
                var byWord = await collection.SearchAsync(new SearchRequest { Mode = SearchMode.Keyword, Keywords = [$"k0x{i}"] });
                if (byWord.Count != 1 || byWord[0].Key != $"0-{i}") throw new InvalidOperationException($"record 0-{i} is not found by its word");
                var byVector = await collection.SearchAsync(new SearchRequest { Mode = SearchMode.Vector, Vector = wanted.Vectors["vector"], Top = 1 });
                if (byVector.Count != 1 || byVector[0].Key != $"0-{i}") throw new InvalidOperationException($"record 0-{i} is not found by its vector");
            }

            if (collection.GetMetadata("state") != "value") throw new InvalidOperationException("the metadata is wrong");
            return false;
        }
        catch (SearchDatabaseException)
        {
            return true;
        }
    }

    private static void Flip(string path, long at)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = at;
        var value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 0x55));
    }
}
