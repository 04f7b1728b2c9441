namespace SearchEngine.Ingestion.Tests.Pipeline;

public sealed class FolderWatchTests
{
    [Fact]
    public async Task A_burst_of_changes_is_told_and_so_is_a_file_saved_by_renaming()
    {
        using var folder = new TempFolder();
        folder.Write("sub/a.md", "old");
        using var watch = new FolderWatch([folder.Path]);
        for (var i = 0; i < 20; i++)
        {
            folder.Write($"sub/{i}.md", "text");
        }

        await watch.WaitAsync(CancellationToken.None);
        folder.Write("sub/a.md.tmp", "new");
        File.Move(folder["sub/a.md.tmp"], folder["sub/a.md"], overwrite: true);
        await watch.WaitAsync(CancellationToken.None);

        var next = watch.WaitAsync(new CancellationToken(canceled: true));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
    }
}
