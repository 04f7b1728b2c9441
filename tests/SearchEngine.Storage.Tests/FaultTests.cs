using SearchEngine.TestDisks;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests;

public sealed class FaultTests
{
    private static readonly int Seed = TestSeed.Get(77);

    [Fact]
    public void A_loss_of_power_takes_nothing_acknowledged()
    {
        using var directory = new TemporaryDirectory();
        var model = new Dictionary<int, byte[]>();
        for (var round = 0; round < 25; round++)
        {
            var disk = new SimulatedDisk(directory.Combine("disk"));
            var counts = Run(directory.Combine("disk"), disk, round, operations: 40 + round * 3 % 90, out _);
            disk.LosePower(new Random(Seed + round));
            using var database = TestDatabase.Open(directory.Combine("disk"));
            CrashHarness.Compare(database, model, Seed, round, counts);
        }
    }

    [Theory]
    [InlineData(Fault.WriteError)]
    [InlineData(Fault.TornWrite)]
    [InlineData(Fault.FullDisk)]
    [InlineData(Fault.FlushError)]
    [InlineData(Fault.ReadError)]
    public void An_input_output_error_is_one_storage_error_and_loses_nothing(Fault fault)
    {
        using var directory = new TemporaryDirectory();
        var model = new Dictionary<int, byte[]>();
        const int Struck = 5;
        var struck = 0;
        for (var round = 0; round < 12 || struck < Struck; round++)
        {
            // How often is read is a matter of who is faster (what is in memory is not read): only the first read of an opening is sure to come.
            var disk = new SimulatedDisk(
                directory.Combine("disk"),
                fault,
                operationsUntilFault: fault == Fault.ReadError ? 1 + round % 6 : 3 + round * round * 2
            );
            var counts = Run(directory.Combine("disk"), disk, round, operations: 120, out var failure);
            if (failure is not null)
                Assert.True(failure is StorageException, $"{fault}, round {round}: {failure}");
            if (disk.FaultHappened)
                struck++;
            using var database = TestDatabase.Open(directory.Combine("disk"));
            CrashHarness.Compare(database, model, Seed, round, counts);
        }
    }

    /// <summary>
    /// Writes with several threads and a thread of checkpoints and compactions until enough is done or something fails; then the power
    /// goes.
    /// </summary>
    private static long[] Run(string directory, SimulatedDisk disk, int round, int operations, out Exception? failure)
    {
        var counts = new long[RandomOperations.Threads];
        TestDatabase database;
        try
        {
            database = TestDatabase.Open(directory, disk);
        }
        catch (StorageException exception)
        {
            failure = exception;
            return counts;
        }

        Exception? first = null;
        using var stop = new CancellationTokenSource();
        var writers = Enumerable
            .Range(0, counts.Length)
            .Select(thread =>
                Task.Run(() =>
                    Guard(() =>
                    {
                        for (long number = 1; number <= operations && !stop.IsCancellationRequested; number++)
                        {
                            var (key, value) = RandomOperations.Create(Seed, round, thread, number);
                            database.Write(key, value);
                            Volatile.Write(ref counts[thread], number);
                        }
                    })
                )
            )
            .ToArray();
        var maintenance = Task.Run(() =>
            Guard(() =>
            {
                var random = new Random(Seed + round);
                while (!stop.IsCancellationRequested)
                {
                    Thread.Sleep(random.Next(8));
                    if (random.Next(3) > 0)
                        database.CheckpointAsync().GetAwaiter().GetResult();
                    else
                        database.Records.Compact(default);
                }
            })
        );
        Task.WaitAny([Task.WhenAll(writers), maintenance]);
        disk.TurnOff();
        stop.Cancel();
        Assert.True(
            Task.WaitAll([.. writers, maintenance], TimeSpan.FromMinutes(5)),
            $"A thread hangs after a fault (seed {Seed}, round {round})."
        );
        database.Abandon();
        failure = first;
        return counts;

        void Guard(Action action)
        {
            try
            {
                action();
            }
            catch (Exception exception)
            {
                // Failures after the power went are no news.
                if (!stop.IsCancellationRequested)
                    Interlocked.CompareExchange(ref first, exception, null);
                stop.Cancel();
            }
        }
    }
}
