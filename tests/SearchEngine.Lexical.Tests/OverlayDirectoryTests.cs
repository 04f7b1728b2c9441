using Lucene.Net.Store;
using SearchEngine.Lexical.Indexing;

namespace SearchEngine.Lexical.Tests;

/// <summary>Rule: to its reader an overlay is a directory like any other, and the one below it never changes.</summary>
public sealed class OverlayDirectoryTests
{
    [Fact]
    public void What_is_made_or_deleted_is_so_for_the_reader_and_not_on_the_disk()
    {
        var disk = new RAMDirectory();
        Write(disk, "kept", 3);
        Write(disk, "dropped", 5);
        var overlay = new OverlayDirectory(disk);

        Write(overlay, "made", 7);
        overlay.DeleteFile("dropped");

        Assert.Equal(["kept", "made"], overlay.ListAll().Order());
        Assert.Equal([3, 7], new[] { "kept", "made" }.Select(overlay.FileLength));
        Assert.Equal([true, true, false, false], new[] { "kept", "made", "dropped", "none" }.Select(Exists));
        foreach (var gone in new[] { "dropped", "none" })
        {
            Assert.Throws<FileNotFoundException>(() => overlay.OpenInput(gone, IOContext.DEFAULT));
            Assert.Throws<FileNotFoundException>(() => overlay.FileLength(gone));
        }
        Assert.Throws<FileNotFoundException>(() => overlay.DeleteFile("dropped"));
        foreach (var there in new[] { "kept", "made" })
        {
            using var input = overlay.OpenInput(there, IOContext.DEFAULT);
            Assert.Equal(there == "kept" ? 3 : 7, input.ReadByte());
        }

        overlay.DeleteFile("made");
        Assert.Equal(["kept"], overlay.ListAll());
        Assert.Equal(["dropped", "kept"], disk.ListAll().Order());

#pragma warning disable CS0618 // Lucene's own member is obsolete, and Lucene calls it.
        bool Exists(string name) => overlay.FileExists(name);
#pragma warning restore CS0618
    }

    /// <summary>A file of so many bytes of that value.</summary>
    private static void Write(Lucene.Net.Store.Directory directory, string name, byte length)
    {
        using var output = directory.CreateOutput(name, IOContext.DEFAULT);
        output.WriteBytes(Enumerable.Repeat(length, length).ToArray(), length);
    }
}
