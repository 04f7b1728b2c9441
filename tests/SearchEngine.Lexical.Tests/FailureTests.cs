using System.Diagnostics;
using Lucene.Net.Store;
using static SearchEngine.Lexical.Tests.IndexFixture;
using Directory = Lucene.Net.Store.Directory;

namespace SearchEngine.Lexical.Tests;

/// <summary>Disk errors at every moment, and a writer process that is killed.</summary>
public sealed class FailureTests : IDisposable
{
    private readonly IndexFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    private static Dictionary<string, string> Batches(int count) => new() { ["batches"] = count.ToString() };

    private static IEnumerable<LexicalDocument> Batch(int number) =>
        Enumerable.Range(number * 10, 10).Select(i => Doc(i, $"text number{i} of batch{number}", tag: "t" + i % 3));

    [Fact]
    public void After_a_failed_write_the_last_commit_stands_and_a_replay_completes()
    {
        var failures = 0;
        for (var failAt = 1; failAt < 400; failAt += 3)
        {
            var disk = new RAMDirectory();
            var faulty = new FaultyDirectory(disk);
            var committed = 0;
            try
            {
                using var index = LexicalIndex.Open(faulty, "memory", Schema, generation: null);
                faulty.FailAt(failAt);
                for (var batch = 0; batch < 12; batch++)
                {
                    index.Add(Batch(batch));
                    index.Refresh();
                    index.Commit(Batches(batch + 1));
                    committed = batch + 1;
                }
            }
            catch (LexicalIndexException e)
            {
                failures++;
                Assert.IsAssignableFrom<IOException>(e.InnerException);
            }
            faulty.Heal();

            using var reopened = LexicalIndex.Open(new FaultyDirectory(disk), "memory", Schema, generation: null);
            var stored = reopened.CommitData.TryGetValue("batches", out var text) ? int.Parse(text) : 0;
            // A commit whose last step failed may or may not have reached the disk.
            Assert.InRange(stored, committed, committed + 1);
            Assert.Equal(Enumerable.Range(0, stored * 10), All(reopened));
            Assert.Empty(reopened.Check());
            for (var batch = stored; batch < 12; batch++)
                reopened.Add(Batch(batch));
            reopened.Commit(Batches(12));
            reopened.Refresh();
            Assert.Equal(Enumerable.Range(0, 120), All(reopened));
            disk.Dispose();
        }
        Assert.True(failures > 20, $"only {failures} runs hit the injected error");
    }

    [Fact]
    public void After_an_error_writes_are_refused_and_searches_go_on()
    {
        var faulty = new FaultyDirectory(new RAMDirectory());
        using var index = LexicalIndex.Open(faulty, "memory", Schema, generation: null);
        index.Add(Batch(0));
        index.Commit(Batches(1));
        index.Refresh();
        index.Add(Batch(1));
        faulty.FailAt(1);
        Assert.Throws<LexicalIndexException>(() => index.Commit(Batches(2)));
        faulty.Heal();

        Assert.Throws<LexicalIndexException>(() => index.Add(Batch(2)));
        Assert.Throws<LexicalIndexException>(() => index.Commit(Batches(3)));
        Assert.Equal([5], Search(index, "number5"));
    }

    [Fact]
    public void What_is_written_while_a_commit_fails_is_found_as_long_as_the_index_is_open()
    {
        var failures = 0;
        for (var failAt = 1; failAt < 60; failAt++)
        {
            var faulty = new FaultyDirectory(new RAMDirectory());
            using var index = LexicalIndex.Open(faulty, "memory", Schema, generation: null);
            index.Add(Batch(0));
            index.Commit(Batches(1));
            index.Add(Batch(1));
            index.Delete([4]);
            // The write loop goes on beside a checkpoint: at the moment in which the disk fails two more writes come, a document and a deletion.
            var taken = new List<int>(Enumerable.Range(0, 20).Except([4]));
            Task? beside = null;
            faulty.BeforeFailing = () =>
                beside ??= Task.Run(() =>
                {
                    try
                    {
                        index.Add([Doc(20, "text beside")]);
                        taken.Add(20);
                        index.Delete([7]);
                        taken.Remove(7);
                    }
                    catch (LexicalIndexException)
                    {
                        // Refused: the error was faster.
                    }
                });
            faulty.FailAt(failAt);
            try
            {
                index.Commit(Batches(2));
                faulty.Heal();
            }
            catch (LexicalIndexException)
            {
                failures++;
            }

            beside?.Wait();
            index.Refresh();
            Assert.Equal(taken.Order(), All(index));
            Assert.Equal(taken.Contains(20) ? [20] : [], Search(index, "beside"));
        }

        Assert.True(failures > 10, $"only {failures} commits failed");
    }

    [Fact]
    public void A_killed_writer_leaves_the_last_commit()
    {
        // The child is this test assembly, which runs KilledWriter.Run when the variable is set.
        for (var round = 0; round < 3; round++)
        {
            var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true, RedirectStandardError = true };
            if (Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet")
                start.ArgumentList.Add(typeof(FailureTests).Assembly.Location);
            start.Environment[KilledWriter.Variable] = _fixture.Path;
            using var child = Process.Start(start)!;
            string? line;
            var reported = 0;
            var wanted = 4 + 3 * round;
            while (reported < wanted && (line = child.StandardOutput.ReadLine()) is not null)
                reported = int.Parse(line);
            child.Kill();
            child.WaitForExit();
            Assert.Equal(wanted, reported);

            using var index = _fixture.Open();
            var stored = int.Parse(index.CommitData["batches"]);
            Assert.True(stored >= reported, $"{reported} batches were reported committed, {stored} are there");
            Assert.Equal(Enumerable.Range(0, stored * 10), All(index));
            Assert.Empty(index.Check());
        }
    }

    /// <summary>Fails the n-th operation that writes, and all after it, until healed.</summary>
    private sealed class FaultyDirectory(Directory inner) : FilterDirectory(inner)
    {
        /// <summary>How long a failure waits for what it lets begin; what comes later finds the error, which is right as well.</summary>
        private static readonly TimeSpan Nudge = TimeSpan.FromMilliseconds(100);

        private int _remaining = int.MaxValue;

        /// <summary>Called before an operation fails; it is given a moment to be done.</summary>
        public Func<Task>? BeforeFailing { get; set; }

        public void FailAt(int operation) => Volatile.Write(ref _remaining, operation);

        public void Heal() => Volatile.Write(ref _remaining, int.MaxValue);

        public override IndexOutput CreateOutput(string name, IOContext context)
        {
            Step();
            return new FaultyOutput(base.CreateOutput(name, context), this);
        }

        public override void Sync(ICollection<string> names)
        {
            Step();
            base.Sync(names);
        }

        // The memory is the disk of these tests and outlives the index.
        protected override void Dispose(bool disposing) { }

        private void Step()
        {
            if (Volatile.Read(ref _remaining) == int.MaxValue)
                return;
            if (Interlocked.Decrement(ref _remaining) <= 0)
            {
                Volatile.Write(ref _remaining, 0);
                BeforeFailing?.Invoke().Wait(Nudge);
                throw new IOException("No space left on device (injected).");
            }
        }

        private sealed class FaultyOutput(IndexOutput output, FaultyDirectory owner) : IndexOutput
        {
            public override long Position => output.Position;

            public override long Checksum => output.Checksum;

            public override long Length => output.Length;

            public override void WriteByte(byte b) => output.WriteByte(b);

            public override void WriteBytes(byte[] b, int offset, int length) => output.WriteBytes(b, offset, length);

            public override void Flush()
            {
                owner.Step();
                output.Flush();
            }

            [Obsolete("Lucene's own member is obsolete.")]
            public override void Seek(long pos) => output.Seek(pos);

            protected override void Dispose(bool disposing)
            {
                if (!disposing)
                    return;
                output.Dispose();
                owner.Step();
            }
        }
    }
}
