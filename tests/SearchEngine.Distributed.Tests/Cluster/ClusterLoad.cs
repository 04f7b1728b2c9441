using System.Collections.Concurrent;
using System.Diagnostics;

namespace SearchEngine.Distributed.Tests.Cluster;

/// <summary>
/// Writers and readers of a collection, each until it is ended. Writers note what is acknowledged; readers get keys and search, and hold what
/// they find against that. An operation that fails is tried once more; what then fails is kept.
/// </summary>
public sealed class ClusterLoad : IAsyncDisposable
{
    private const int Writers = 3;
    private const int Readers = 2;
    private const int KeysOfWriter = 150;
    private const int Dimension = 16;

    private static readonly string[] Words = ["amber", "birch", "cedar", "delta", "ember", "fjord", "grove", "heath", "islet", "jetty"];

    private readonly ISearchCollection _collection;
    private readonly CancellationTokenSource _ending = new();
    private readonly ConcurrentQueue<string> _failures = new();
    private readonly ConcurrentQueue<TimeSpan> _searches = new();
    private readonly Task[] _running;
    private long _writes;
    private long _reads;
    private long _retries;

    public ClusterLoad(ISearchCollection collection, int seed)
    {
        _collection = collection;
        _running =
        [
            .. Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(writer, new Random(seed + writer)))),
            .. Enumerable.Range(0, Readers).Select(reader => Task.Run(() => ReadAsync(new Random(seed + 100 + reader)))),
        ];
    }

    /// <summary>The schema of a collection that it can write to.</summary>
    public static CollectionSchema Schema { get; } =
        new()
        {
            Name = "load",
            Fields = [new("text", DataFieldType.String) { IsFullText = true }, new("number", DataFieldType.Int64)],
            Vectors = [new("vector", Dimension)],
        };

    /// <summary>What is known of the keys.</summary>
    public KeyStates Keys { get; } = new();

    public long Writes => Interlocked.Read(ref _writes);

    public long Reads => Interlocked.Read(ref _reads);

    public long Retries => Interlocked.Read(ref _retries);

    /// <summary>What was wrong.</summary>
    public IReadOnlyCollection<string> Failures => _failures;

    /// <summary>The slowest searches, so many percent of them.</summary>
    public TimeSpan SearchPercentile(double percent)
    {
        var sorted = _searches.Order().ToArray();
        return sorted.Length == 0 ? default : sorted[(int)Math.Ceiling(sorted.Length * percent / 100) - 1];
    }

    /// <summary>Waits until so many writes more are acknowledged.</summary>
    public async Task WritesMoreAsync(int count, CancellationToken cancellationToken)
    {
        var target = Writes + count;
        await TestCluster.UntilAsync(
            () => Task.FromResult(Writes >= target || !_failures.IsEmpty),
            () => $"Writes do not go on: {Writes} of {target}.",
            cancellationToken
        );
    }

    /// <summary>Ends writers and readers, and waits for what they have begun.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_ending.IsCancellationRequested)
            await _ending.CancelAsync();
        await Task.WhenAll(_running);
    }

    /// <summary>Holds every key of the collection against what was acknowledged; the load has ended.</summary>
    public async Task<IReadOnlyList<string>> CheckAsync(CancellationToken cancellationToken)
    {
        var problems = new List<string>();
        var found = (
            await _collection.GetAsync([.. Keys.Keys.Select(key => (RecordKey)key)], cancellationToken: cancellationToken)
        ).ToDictionary(document => document.Key.ToString(), document => document.Get<long>("number"));
        foreach (var key in Keys.Keys)
        {
            if (Keys.Judge(key, Keys.AcknowledgedOf(key), found.TryGetValue(key, out var number) ? number : null) is { } wrong)
                problems.Add(wrong);
        }

        var count = await _collection.CountAsync(cancellationToken: cancellationToken);
        if (count != found.Count)
            problems.Add($"{count} records are there where {found.Count} are to be.");
        return problems;
    }

    private async Task WriteAsync(int writer, Random random)
    {
        for (var number = 1L; !_ending.IsCancellationRequested; number++)
        {
            var keys = Enumerable.Range(0, random.Next(1, 4)).Select(_ => $"w{writer}-{random.Next(KeysOfWriter)}").Distinct().ToArray();
            var deletes = random.Next(6) == 0;
            var batch = new WriteBatch();
            foreach (var key in keys)
            {
                Keys.Begin(key, number);
                if (deletes)
                    batch.Delete(key);
                else
                    batch.Upsert(NewDocument(key, number, random));
            }

            if (!await TryAsync("write", () => _collection.WriteAsync(batch)))
                return;
            foreach (var key in keys)
                Keys.Acknowledge(key, number, deletes);
            Interlocked.Increment(ref _writes);
        }
    }

    private async Task ReadAsync(Random random)
    {
        for (var i = 0; !_ending.IsCancellationRequested; i++)
        {
            if (i % 3 == 0)
                await GetAsync($"w{random.Next(Writers)}-{random.Next(KeysOfWriter)}");
            else
                await SearchAsync(random, hybrid: i % 3 == 1);
            Interlocked.Increment(ref _reads);
        }
    }

    private async Task GetAsync(string key)
    {
        var before = Keys.AcknowledgedOf(key);
        Document? document = null;
        if (await TryAsync("get", async () => document = await _collection.GetAsync((RecordKey)key)))
            Note(Keys.Judge(key, before, document?.Get<long>("number")));
    }

    private async Task SearchAsync(Random random, bool hybrid)
    {
        var before = Keys.Keys.ToDictionary(key => key, Keys.AcknowledgedOf);
        var request = new SearchRequest
        {
            Text = Words[random.Next(Words.Length)],
            Mode = hybrid ? SearchMode.Hybrid : SearchMode.Keyword,
            Vector = hybrid ? (ReadOnlyMemory<float>)Vector(random) : null,
            Top = 20,
        };
        IReadOnlyList<SearchHit> hits = [];
        var begun = Stopwatch.GetTimestamp();
        if (!await TryAsync("search", async () => hits = await _collection.SearchAsync(request)))
            return;
        _searches.Enqueue(Stopwatch.GetElapsedTime(begun));
        foreach (var hit in hits)
        {
            var key = hit.Key.ToString();
            Note(Keys.Judge(key, before.GetValueOrDefault(key, (0, true)), hit.Document.Get<long>("number")));
        }
    }

    private async Task<bool> TryAsync(string what, Func<Task> run)
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await run();
                return true;
            }
            catch (SearchDatabaseException) when (attempt == 0)
            {
                Interlocked.Increment(ref _retries);
            }
            catch (Exception e)
            {
                _failures.Enqueue($"{what}: {e}");
                return false;
            }
        }
    }

    private void Note(string? problem)
    {
        if (problem is not null)
            _failures.Enqueue(problem);
    }

    private static Document NewDocument(string key, long number, Random random) =>
        new(key)
        {
            ["text"] = string.Join(' ', Enumerable.Range(0, 6).Select(_ => Words[random.Next(Words.Length)])),
            ["number"] = number,
            Vectors = { ["vector"] = Vector(random) },
        };

    private static float[] Vector(Random random) => [.. Enumerable.Range(0, Dimension).Select(_ => random.NextSingle() - 0.5f)];
}
