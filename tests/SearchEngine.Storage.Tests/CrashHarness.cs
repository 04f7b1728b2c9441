using System.Diagnostics;
using System.Globalization;

namespace SearchEngine.Storage.Tests;

/// <summary>
/// A child process writes with several threads, checkpoints and compacts; the parent kills it at a random moment, opens the database and
/// compares it with the operations that the child acknowledged. One database lives through all rounds.
/// </summary>
internal sealed class CrashHarness(string directory, int seed)
{
    private const string AcknowledgedFile = "acknowledged";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(10);

    private readonly Dictionary<int, byte[]> _model = [];

    public long Acknowledged { get; private set; }

    public int KilledWhileOpening { get; private set; }

    private string Database => System.IO.Path.Combine(directory, "database");

    public void RunRound(int round)
    {
        var random = new Random(seed * 1_000_003 + round);
        var acknowledgedPath = System.IO.Path.Combine(directory, AcknowledgedFile);
        File.WriteAllBytes(acknowledgedPath, new byte[RandomOperations.Threads * sizeof(long)]);
        Directory.CreateDirectory(Database);
        using (var child = Child.Start("crash", Database, acknowledgedPath, Text(seed), Text(round)))
        {
            if (random.Next(6) == 0)
            {
                Thread.Sleep(random.Next(80, 300));
            }
            else
            {
                var line = child.StandardOutput.ReadLine();
                if (line != "ready")
                {
                    throw new InvalidOperationException(
                        $"Seed {seed}, round {round}: the child could not open. {line} {child.StandardError.ReadToEnd()}"
                    );
                }
                WaitForOperations(child, acknowledgedPath, random.Next(250));
                Thread.Sleep(random.Next(15));
            }

            var ended = child.HasExited;
            child.Kill();
            var errors = child.StandardError.ReadToEnd();
            child.WaitForExit();
            if (ended || errors.Length > 0)
                throw new InvalidOperationException($"Seed {seed}, round {round}: the child failed. {errors}");
        }

        var counts = ReadCounts(acknowledgedPath);
        if (counts.Sum() == 0)
            KilledWhileOpening++;
        Acknowledged += counts.Sum();
        using var database = TestDatabase.Open(Database);
        Compare(database, _model, seed, round, counts);
        if (random.Next(3) == 0)
            database.CheckpointAsync().GetAwaiter().GetResult();
    }

    /// <summary>Waits for progress rather than for time: on a busy machine a child does little in a moment. One that failed has ended.</summary>
    private static void WaitForOperations(Process child, string acknowledgedPath, int operations)
    {
        var clock = Stopwatch.StartNew();
        while (ReadCounts(acknowledgedPath).Sum() < operations && !child.HasExited)
        {
            if (clock.Elapsed > Patience)
                throw new InvalidOperationException($"The child hangs: it has not done {operations} operations in {Patience}.");
            Thread.Sleep(1);
        }
    }

    private static long[] ReadCounts(string acknowledgedPath)
    {
        using var file = new StorageFile(acknowledgedPath, FileMode.Open, FileAccess.Read);
        var bytes = new byte[RandomOperations.Threads * sizeof(long)];
        file.Read(bytes, 0);
        var counts = new long[RandomOperations.Threads];
        for (var thread = 0; thread < counts.Length; thread++)
            counts[thread] = BitConverter.ToInt64(bytes, thread * sizeof(long));
        return counts;
    }

    /// <summary>
    /// Brings a model to the acknowledged operations of a round and compares; the one operation after them may be there or not.
    /// </summary>
    public static void Compare(TestDatabase database, Dictionary<int, byte[]> model, int seed, int round, long[] counts)
    {
        var actual = database.ReadAll();
        for (var thread = 0; thread < counts.Length; thread++)
        {
            for (long number = 1; number <= counts[thread]; number++)
                Apply(model, RandomOperations.Create(seed, round, thread, number));
            var next = RandomOperations.Create(seed, round, thread, counts[thread] + 1);
            if (Same(actual.GetValueOrDefault(next.Key), next.Value))
                Apply(model, next);
        }

        for (var key = 0; key < RandomOperations.Threads * RandomOperations.KeysPerThread; key++)
        {
            var expected = model.GetValueOrDefault(key);
            if (!Same(actual.GetValueOrDefault(key), expected) || !Same(database.Read(key), expected))
            {
                throw new InvalidOperationException(
                    $"Seed {seed}, round {round}: key {key} has {Describe(actual.GetValueOrDefault(key))} in a scan and {Describe(database.Read(key))} by key; "
                        + $"acknowledged is {Describe(expected)} (operations {string.Join(", ", counts)})."
                );
            }
        }
    }

    /// <summary>The child: never returns unless something fails.</summary>
    public static int RunChild(string database, string acknowledgedPath, int seed, int round)
    {
        using var opened = TestDatabase.Open(database);
        using var acknowledged = new StorageFile(acknowledgedPath, FileMode.Open);
        Console.WriteLine("ready");
        var failure = new TaskCompletionSource<Exception>();
        for (var thread = 0; thread < RandomOperations.Threads; thread++)
        {
            var number = thread;
            StartThread(() => Write(opened, acknowledged, seed, round, number), failure);
        }

        StartThread(() => Maintain(opened, new Random(seed + round)), failure);
        Console.Error.WriteLine(failure.Task.GetAwaiter().GetResult());
        return 1;
    }

    private static void Write(TestDatabase database, StorageFile acknowledged, int seed, int round, int thread)
    {
        var note = new byte[sizeof(long)];
        for (long number = 1; ; number++)
        {
            var (key, value) = RandomOperations.Create(seed, round, thread, number);
            database.Write(key, value);
            BitConverter.TryWriteBytes(note, number);
            acknowledged.Write(note, thread * sizeof(long));
        }
    }

    private static void Maintain(TestDatabase database, Random random)
    {
        while (true)
        {
            Thread.Sleep(random.Next(40));
            if (random.Next(3) > 0)
                database.CheckpointAsync().GetAwaiter().GetResult();
            else if (random.Next(3) > 0)
                database.Records.CompactFirst(random.Next(1, 2 << 20), default);
            else if (random.Next(2) > 0)
                database.Records.Reclaim(default);
            else
                database.Records.Compact(default);
        }
    }

    private static void StartThread(Action action, TaskCompletionSource<Exception> failure)
    {
        var thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception exception)
            {
                failure.TrySetResult(exception);
            }
        })
        {
            IsBackground = true,
        };
        thread.Start();
    }

    private static void Apply(Dictionary<int, byte[]> model, (int Key, byte[]? Value) operation)
    {
        if (operation.Value is null)
            model.Remove(operation.Key);
        else
            model[operation.Key] = operation.Value;
    }

    private static bool Same(byte[]? left, byte[]? right) =>
        left is null ? right is null : right is not null && left.AsSpan().SequenceEqual(right);

    private static string Describe(byte[]? value) => value is null ? "nothing" : $"{value.Length} bytes (CRC {Checksum.Compute(value):X8})";

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
