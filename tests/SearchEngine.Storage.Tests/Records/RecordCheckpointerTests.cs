using SearchEngine.Storage.Records;
using SearchEngine.TestSupport;
using Xunit;

namespace SearchEngine.Storage.Tests.Records;

public sealed class RecordCheckpointerTests
{
    [Fact]
    public async Task A_checkpoint_taken_among_writers_holds_whole_changes_and_comes_back()
    {
        using var parts = new RecordParts();
        using var stop = new CancellationTokenSource();
        var written = 0;
        var writers = Enumerable
            .Range(0, 2)
            .Select(thread =>
                Task.Run(() =>
                {
                    for (var i = 0; !stop.IsCancellationRequested; i++)
                    {
                        parts.Write(i % 50 * 2 + thread, RecordParts.Value(i, i % 40 == 0 ? 50_000 : 300));
                        Interlocked.Increment(ref written);
                    }
                })
            )
            .ToArray();
        while (Volatile.Read(ref written) < 500)
            await Task.Yield();
        var checkpoint = await Task.Run(() => parts.Checkpointer.TakeAsync(closing: false));
        stop.Cancel();
        await Task.WhenAll(writers);
        Assert.InRange(checkpoint.Sequence, 500, parts.Writer.Sequence);

        using var copy = new TemporaryDirectory();
        RecordCheckpointCopy.Copy(parts.Log, checkpoint, copy.FullPath, CancellationToken.None);
        using var store = RecordStore.Recover(copy.FullPath, parts.Log.Options, checkpoint);
        var keys = 0;
        store.Scan(RecordParts.Space, (_, _) => keys++, CancellationToken.None);
        Assert.InRange(keys, 50, 100);
        Assert.Equal(checkpoint.Sequence, (await store.CheckpointAsync(CancellationToken.None)).Sequence);
    }
}
