using Xunit;

namespace SearchEngine.Storage.Tests.Records;

public sealed class RecordScannerTests
{
    [Fact]
    public void A_scan_gives_each_live_record_once_though_keys_change_while_it_runs()
    {
        using var parts = new RecordParts();
        for (var i = 0; i < 500; i++)
            parts.Write(i, RecordParts.Value(i, 200));
        for (var i = 0; i < 500; i += 2)
            parts.Write(i, null);
        var seen = new List<int>();
        parts.Scanner.Scan(
            RecordParts.Space,
            (key, _) =>
            {
                seen.Add(System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(key));
                // A later record changes under the scan: it must come all the same, once.
                if (seen.Count == 1)
                    parts.Write(499, RecordParts.Value(1, 300));
            },
            CancellationToken.None
        );
        Assert.Equal(Enumerable.Range(0, 250).Select(i => 2 * i + 1), seen.Order());
    }

    [Fact]
    public async Task Whoever_wants_to_be_alone_waits_for_a_scan()
    {
        using var parts = new RecordParts();
        parts.Write(1, [1]);
        using var inside = new SemaphoreSlim(0);
        using var leave = new SemaphoreSlim(0);
        var over = false;
        var scan = Task.Run(() =>
            parts.Scanner.Scan(
                RecordParts.Space,
                (_, _) =>
                {
                    inside.Release();
                    leave.Wait();
                    over = true;
                },
                CancellationToken.None
            )
        );
        await inside.WaitAsync(TestContext.Current.CancellationToken);
        var alone = Task.Run(() => parts.Scanner.Alone(() => over));
        leave.Release();
        Assert.True(await alone);
        await scan;
    }
}
